# Running things, and asking the host about paths and time.

# Runs switch-to-configuration of system $1 with action $2; its exit status is in $status. Going back gets five minutes
# at least, however short the time for the new system was.
system_do() {
  seconds=$activation_timeout
  [ "$1" = "$to" ] || [ "$seconds" -ge 300 ] || seconds=300
  logged "$seconds" "$1/bin/switch-to-configuration" "$2"
}

# Runs a command with a deadline in seconds, away from every terminal; its output becomes events while it runs.
logged() {
  told=$(wc -l <"$STATE/$id/log")
  timeout --kill-after=10 "$@" >>"$STATE/$id/log" 2>&1 </dev/null 9>&- &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    tell_log
    sleep 0.1
  done
  wait "$child"
  status=$?
  tell_log
  return "$status"
}

# An activation that never stops talking fills no disk: of what comes at once the end is told, the log begins anew, and
# the events cease.
tell_log() {
  count=$(wc -l <"$STATE/$id/log")
  [ "$count" -gt "$told" ] || return 0
  if [ "$(wc -c <"$STATE/$id/events")" -lt 262144 ]; then
    sed -n "$((told + 1)),${count}p" "$STATE/$id/log" | tail -n 200 | cut -c1-500 | quoted_lines | sed 's/^.*$/{"type":"output","line":&}/' >>"$STATE/$id/events"
  fi
  told=$count
  [ "$(wc -c <"$STATE/$id/log")" -lt 262144 ] || { : >"$STATE/$id/log" && told=0; }
}

failed_units() {
  systemctl list-units --state=failed --plain --no-legend --no-pager 2>/dev/null | sed 's/ .*$//'
}

# A valid path of this host's store that has what every NixOS system has. Nix waits without end for a store that it cannot
# write to: status 124 says so.
is_system() {
  matches "$1" '/nix/store/[0-9a-z]\{32\}-[0-9A-Za-z+._?=-]\{1,211\}' || return
  [ "$(readlink -f "$1")" = "$1" ] && [ -d "$1" ] || return
  [ -x "$1/bin/switch-to-configuration" ] && [ -e "$1/nixos-version" ] && [ -e "$1/init" ] || return
  timeout --kill-after=5 20 nix-store --check-validity "$1" 2>/dev/null
}

target() {
  readlink -e "$1" 2>/dev/null
}

boot_id_now() { cat /proc/sys/kernel/random/boot_id; }

microseconds() {
  read -r seconds _ </proc/uptime
  printf '%s0000\n' "${seconds%%.*}${seconds#*.}"
}

uptime_seconds() {
  read -r seconds _ </proc/uptime
  printf '%s\n' "${seconds%%.*}"
}
