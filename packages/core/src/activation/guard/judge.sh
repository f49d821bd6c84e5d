# What an activation's exit status and the host's units say.

# Sets problem and fails when the new system does not run as a whole. The exit statuses of switch-to-configuration: 1 it
# gave up, mostly before it began; 2 an activation snippet failed, and the units were handled all the same; 3 systemd did
# not read the units (Perl only); 4 units failed, which hides a 2; 100 only a reboot leads to this system. The one in Rust
# also ends with the number of a system error, which may be one of these: what runs tells them apart.
judge_activation() {
  case $status in
    0 | 2 | 4) problem="the activation ended, but another system runs: $(target /run/current-system)" && [ "$(target /run/current-system)" = "$to" ] ;;
    1) problem="switch-to-configuration did not take the new system: $(last_said)" && return 1 ;;
    3) problem='systemd could not read the new units (exit status 3)' && return 1 ;;
    100) problem="the new system cannot run without a reboot (exit status 100): deploy it with reboot when-needed" && return 1 ;;
    124 | 137) problem="the activation did not end within $activation_timeout s" && return 1 ;;
    *) problem="switch-to-configuration ended with exit status $status: $(last_said)" && return 1 ;;
  esac
}

# Failing units, failed snippets and health checks: what the policy may let pass. Only units that did not fail before count.
judge_health() {
  problem=''
  settle_units
  snippets=$(failed_snippets)
  [ -z "$snippets" ] || complain "activation snippets failed: $snippets"
  new=$(new_failures)
  if [ -n "$new" ]; then
    tell_failed_units
    complain "newly failing: $(one_line "$new")"
  fi
  complaint=$problem
  run_checks || { complaint=${complaint:+$complaint; }$problem; }
  problem=$complaint
  [ -n "$problem" ] || return 0
  [ "$unhealthy" = warn ] || return 1
  event "\"type\":\"warning\",\"message\":$(quoted "$problem")"
}

complain() { problem=${problem:+$problem; }$1; }

failed_snippets() {
  case $status in 2 | 4) ;; *) return ;; esac
  names=$(sed -n "s/^.*Activation script snippet '\([^']*\)' failed.*$/\1/p" "$STATE/$id/log" | sort -u)
  if [ -n "$names" ]; then one_line "$names"; elif [ "$status" = 2 ]; then echo 'one or more'; fi
}

tell_failed_units() {
  for unit in $new; do
    event "\"type\":\"unit-failed\",\"unit\":$(quoted "$unit"),\"journal\":[$(
      journalctl --unit="$unit" --lines=10 --output=cat --no-pager --quiet 2>/dev/null | quoted_lines | join
    )]"
  done
}

last_said() { one_line "$(grep -v '^[[:space:]]*$' "$STATE/$id/log" | tail -n 2)" | cut -c1-300; }

one_line() { printf '%s\n' "$1" | paste -sd ' ' -; }
