# The lock of switch-to-configuration: who holds it, and whether they still do anything.

readonly ACTIVATION_LOCK=/run/nixos/switch-to-configuration.lock

# Settles when an activation can begin. What hangs since before is ended, what runs is waited for, half a minute at most.
free_activation_lock() {
  deadline=$(($(uptime_seconds) + 30))
  while is_activation_locked; do
    holders=$(lock_processes)
    activations=$(for pid in $holders; do is_activation "$pid" && echo "$pid"; done)
    if [ -n "$holders" ] && [ -z "$activations" ]; then
      rm -f "$ACTIVATION_LOCK"
      event "\"type\":\"notice\",\"message\":$(quoted "removed a stale lock of switch-to-configuration, held by $(describe "$holders")")"
      return
    fi
    for pid in $activations; do is_stuck "$pid" && end_activation; done
    problem="another activation is under way: $(describe "$activations")"
    [ "$(uptime_seconds)" -lt "$deadline" ] || return
    sleep 0.2
  done
}

is_activation_locked() { [ -e "$ACTIVATION_LOCK" ] && ! flock -n "$ACTIVATION_LOCK" true; }

# Every process that has the lock file open; a lock is shared with the children of who took it.
lock_processes() {
  find /proc/[0-9]*/fd -lname "$ACTIVATION_LOCK" 2>/dev/null | cut -d / -f 3 | sort -u
}

is_activation() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q 'switch-to-configuration'; }

# Left behind by an earlier deployment of this guard, or older than an activation may get.
is_stuck() {
  grep -q '/homelab-activate-' "/proc/$1/cgroup" 2>/dev/null && return
  [ "$(ps -o etimes= -p "$1" 2>/dev/null | tr -d ' ' | grep . || echo 0)" -ge "$activation_timeout" ]
}

end_activation() {
  event "\"type\":\"notice\",\"message\":$(quoted "ended a switch-to-configuration that hung: $(describe "$activations")")"
  kill -TERM $holders 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    is_activation_locked || return 0
    sleep 0.5
  done
  kill -KILL $holders 2>/dev/null
}

describe() {
  one_line "$(for pid in $1; do
    printf 'process %s (%s)\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-120)"
  done)"
}
