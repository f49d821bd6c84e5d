# What a switch has to do: sorts the running units into lists.

# Sorts the running units of the configuration into lists: files in $work, one unit a line.
compare_units() {
  for list in stop start restart reload skip targets; do : >"$work/$list"; done
  list_active >"$work/active_before"
  while read -r unit; do
    file=$(unit_file "$unit")
    if [ -d "$new_units/$unit.wants" ] || [ -d "$new_units/$unit.requires" ]; then
      compare_target "$unit" "$(defining_file "$file")"
    fi
    [ -e "$running_units/$file" ] || continue
    if [ ! -e "$new_units/$file" ] || [ ! -s "$new_units/$file" ]; then
      [ "$(setting "$running_units/$file" X-StopOnRemoval true)" = false ] || add stop "$unit"
    elif [ "${unit%.target}" = "$unit" ]; then
      difference=$(unit_difference "$running_units/$file" "$new_units/$file")
      if [ "$difference" = restart ]; then
        handle_changed "$unit" "$new_units/$file"
      elif [ "$difference" = reload ]; then
        add reload "$unit"
      fi
    fi
  done <"$work/active_before"
}

list_active() {
  systemctl list-units --all --full --plain --no-legend --no-pager --state=active,activating,reloading |
    while read -r unit _; do printf '%s\n' "$unit"; done
}

# An instance is defined by its template.
unit_file() {
  case $1 in
  *@*.*)
    if [ -e "$running_units/$1" ]; then echo "$1"; else echo "${1%%@*}@.${1##*.}"; fi
    ;;
  *) printf '%s\n' "$1" ;;
  esac
}

# Units that the configuration does not define are Debian's own.
defining_file() {
  if [ -s "$new_units/$1" ]; then echo "$new_units/$1"; else echo "/usr/lib/systemd/system/$1"; fi
}

# Starting a target again starts what it newly wants.
compare_target() {
  [ -e "$2" ] && [ "${1%.target}" != "$1" ] || return
  if [ "$(setting "$2" X-StopOnReconfiguration false)" = true ]; then add stop "$1"; fi
  case $1 in
  suspend.target | hibernate.target | hybrid-sleep.target) return ;;
  esac
  [ "$(setting "$2" RefuseManualStart false)" = false ] || return
  [ "$(setting "$2" X-OnlyManualStart false)" = false ] || return
  add targets "$1"
}

# Says `restart` or `reload`, or nothing. Settings that concern no running process do not count.
unit_difference() {
  if cmp -s "$1" "$2"; then return; fi
  grep -Ev "$ignored_settings" "$1" >"$work/old_unit"
  grep -Ev "$ignored_settings" "$2" >"$work/new_unit"
  if ! cmp -s "$work/old_unit" "$work/new_unit"; then
    echo restart
  elif [ "$(setting "$1" X-Reload-Triggers)" != "$(setting "$2" X-Reload-Triggers)" ]; then
    echo reload
  fi
}
ignored_settings='^(X-Reload-Triggers|Description|Documentation|OnFailure|OnSuccess|OnFailureJobMode|IgnoreOnIsolate|StopWhenUnneeded|RefuseManualStart|RefuseManualStop|AllowIsolation|CollectMode|SourcePath)='

# With `at-once`, what would be stopped and started is restarted: units are stopped no more.
handle_changed() {
  case $1 in
  sysinit.target | basic.target | multi-user.target | graphical.target | *.slice) return ;;
  *.mount)
    add reload "$1"
    return
    ;;
  esac
  if [ "$(setting "$2" X-ReloadIfChanged false)" = true ]; then
    add reload "$1"
  elif [ "$(setting "$2" X-RestartIfChanged true)" = false ] ||
    [ "$(setting "$2" RefuseManualStop false)" = true ] ||
    [ "$(setting "$2" X-OnlyManualStart false)" = true ]; then
    add skip "$1"
  elif [ "${3-}" = at-once ] || [ "$(setting "$2" X-StopIfChanged true)" = false ]; then
    add restart "$1"
  else
    stop_and_start "$1"
  fi
}

# A service with a running socket is left to that socket: stopping it alone would not last.
stop_and_start() {
  socket=${1%.service}.socket
  add stop "$1"
  if [ "$socket" != "$1" ] && [ -e "$new_units/$socket" ] && grep -qxF -- "$socket" "$work/active_before"; then
    add stop "$socket"
    add start "$socket"
  else
    add start "$1"
  fi
}
