# Which units fail, which run.

# What the host's units are like before anything is changed.
remember_units() {
  failing_units >"$STATE/$id/failing"
  running_units >"$STATE/$id/running"
}

# Units that fail now and did not fail before.
new_failures() {
  failing_units | comm -23 - "$STATE/$id/failing" | {
    if listener_comes_back; then grep -vxF "$LISTENER"; else cat; fi
  }
}

# Whether the listener ran before, and ended since then for systemd to start it again. No activation does that to it, and
# who deploys through it has to confirm through it. After a reboot it may be another one.
listener_comes_back() {
  [ "$reboot" = no ] && grep -qxF "$LISTENER" "$STATE/$id/running" && ! systemctl --quiet is-failed "$LISTENER"
}

# Units that have failed, that systemd is about to start again after a failure, and that it started again within the last
# minute: a unit that flaps is failing, too, in the moments when it runs.
failing_units() {
  {
    systemctl list-units --state=failed --plain --no-legend --no-pager 2>/dev/null | sed 's/ .*$//'
    systemctl show --property=Id,SubState,NRestarts,StateChangeTimestampMonotonic '*.service' 2>/dev/null | {
      oldest=$((($(uptime_seconds) - 60) * 1000000))
      name='' restarts=0 state='' changed=0
      while IFS='=' read -r key value; do
        case $key in
          Id) name=$value ;;
          NRestarts) restarts=${value:-0} ;;
          SubState) state=$value ;;
          StateChangeTimestampMonotonic) changed=${value:-0} ;;
          '') tell_flapping; name='' ;;
        esac
      done
      tell_flapping
    }
  } | grep -v '^homelab-activate-' | sort -u
}

# A unit that the activation started has a second to fall over before it is judged, and all of them three.
settle_units() {
  latest=$(($(microseconds) + 3000000))
  while [ "$(microseconds)" -lt "$latest" ]; do
    newest=$(systemctl show --property=StateChangeTimestampMonotonic '*.service' 2>/dev/null | sed -n 's/^.*=//p' | sort -n | tail -n 1)
    [ "${newest:-0}" -gt "$activation_begun" ] && [ "$(microseconds)" -lt $((newest + 1000000)) ] || return 0
    sleep 0.2
  done
}

tell_flapping() {
  [ -n "$name" ] || return 0
  if [ "$state" = auto-restart ] || { [ "$restarts" -gt 0 ] && [ "$changed" -gt "$oldest" ]; }; then
    printf '%s\n' "$name"
  fi
}

# Services and sockets that run, but those that come and go with a login or a command.
running_units() {
  systemctl list-units --type=service,socket --state=active --plain --no-legend --no-pager 2>/dev/null | sed 's/ .*$//' |
    grep -v -e '^homelab-activate-' -e '^user@' -e '^user-runtime-dir@' -e '^sshd@' -e '^run-' | sort -u
}

# Starts what ran before and does not run now: a rollback does not start what the failed activation stopped and both
# systems have alike.
restart_lost_units() {
  running_units | comm -13 - "$STATE/$id/running" | while read -r unit; do
    [ -n "$(systemctl show --property=FragmentPath --value "$unit" 2>/dev/null)" ] || continue
    timeout 60 systemctl start "$unit" >>"$STATE/$id/log" 2>&1 </dev/null &&
      event "\"type\":\"notice\",\"message\":$(quoted "$unit did not run any more, and was started again")"
  done
}
