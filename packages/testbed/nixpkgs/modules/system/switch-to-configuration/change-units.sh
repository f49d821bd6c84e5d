# Carries the lists out, or tells them.

tell_plan() {
  tell "would stop the following units: " stop
  tell "would NOT stop the following changed units: " skip
  say "would activate the configuration..."
  NIXOS_ACTION=dry-activate "$toplevel/dry-activate" >&2
  take_requests /run/nixos/dry-activation
  [ "$running_systemd" = "$(readlink -f "$toplevel/systemd")" ] || say "would restart systemd"
  tell "would reload the following units: " reload
  tell "would restart the following units: " restart
  list_new_wants >>"$work/start"
  tell "would start the following units: " start
}

# What wanted units a start of the targets would bring that the running system does not have.
list_new_wants() {
  for link in "$new_units"/*.wants/*; do
    unit=${link##*/}
    [ -e "$link" ] && [ ! -e "$running_units/$unit" ] || continue
    grep -qxF -- "$unit" "$work/active_before" || printf '%s\n' "$unit"
  done
}

change_units() {
  tell "stopping the following units: " stop
  control stop stop
  tell "NOT restarting the following changed units: " skip

  say "activating the configuration..."
  NIXOS_ACTION=$action "$toplevel/activate" >&2 9>&- || {
    say "Failed to run activate script"
    status=2
  }
  take_requests /run/nixos/activation

  if [ "$running_systemd" != "$(readlink -f "$toplevel/systemd")" ]; then
    say "restarting systemd..."
    systemctl daemon-reexec
  fi
  systemctl reset-failed
  systemctl daemon-reload || {
    say "Failed to reload systemd"
    status=3
  }

  restart_dead_reloads
  tell "reloading the following units: " reload
  control reload reload || status=4
  tell "restarting the following units: " restart
  control restart restart || status=4
  tell "starting the following units: " start
  sort -u "$work/targets" >>"$work/start"
  control start start || status=4

  report_new
  report_failed
}

# What activation snippets ask for in files, a unit a line. One that does not run is started.
take_requests() {
  [ ! -e "$1-restart-list" ] || while read -r unit; do
    if grep -qxF -- "$unit" "$work/active_before"; then
      handle_changed "$unit" "$new_units/$(unit_file "$unit")" at-once
    else
      add start "$unit"
    fi
  done <"$1-restart-list"
  [ ! -e "$1-reload-list" ] || while read -r unit; do
    ! grep -qxF -- "$unit" "$work/active_before" || grep -qxF -- "$unit" "$work/restart" "$work/stop" || add reload "$unit"
  done <"$1-reload-list"
  rm -f "$1-restart-list" "$1-reload-list"
}

# A unit that was to be reloaded, but was stopped along with another one, is started.
restart_dead_reloads() {
  [ -s "$work/reload" ] || return 0
  list_active >"$work/active_now"
  grep -vxFf "$work/active_now" "$work/reload" >>"$work/start"
  grep -xFf "$work/active_now" "$work/reload" >"$work/alive"
  cat "$work/alive" >"$work/reload"
}

report_new() {
  list_active | grep -vxFf "$work/active_before" >"$work/new"
  cat "$work/stop" "$work/start" "$work/restart" >"$work/told"
  grep -vxFf "$work/told" "$work/new" | grep -Ev '\.(device|scope|slice|target)$' >"$work/unannounced"
  tell "the following new units were started: " unannounced
}

# Failed units, and services that systemd is about to start again after a failure.
report_failed() {
  systemctl list-units --all --full --plain --no-legend --no-pager --state=failed,auto-restart |
    while read -r unit _; do
      [ "$(systemctl show --property=ExecMainStatus --value "$unit")" = 0 ] &&
        ! systemctl --quiet is-failed "$unit" || printf '%s\n' "$unit"
    done >"$work/failed"
  [ -s "$work/failed" ] || return 0
  tell "warning: the following units failed: " failed
  xargs -d '\n' systemctl status --no-pager --full -- <"$work/failed" >&2
  status=4
}
