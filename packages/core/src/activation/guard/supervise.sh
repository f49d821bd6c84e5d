# supervise: the guarded activation itself, in a systemd unit of its own.

supervise() {
  load_record
  case $goal in
    dry-activate) dry_activate ;;
    boot) commit || undo_commit ;;
    test) try && finish activated '' ;;
    switch) try && { commit || { undo_commit && put_back "$problem"; }; } ;;
  esac
}

dry_activate() {
  set_phase activating
  system_do "$to" dry-activate && finish dry-activated '' && return
  finish failed "dry-activate ended with exit status $status"
}

# Activates the new system and waits for the confirmation. On any failure what ran before is put back.
try() {
  failed_units >"$RUN/$id/failed-before"
  set_phase activating
  system_do "$to" test
  set_phase judging
  judge || { put_back "$problem"; return 1; }
  set_phase waiting
  await_decision
  [ "$decision" = confirmed ] && return
  case $decision in
    expired) put_back "nobody confirmed within $confirm_timeout s that the host can still be reached" ;;
    *) put_back 'the controller called the deployment off' ;;
  esac
  return 1
}

# Exit status 4 says that some unit failed, perhaps one that had failed before: only units that are newly failing count.
judge() {
  failed_units | sort >"$RUN/$id/failed-now"
  new=$(sort "$RUN/$id/failed-before" | comm -13 - "$RUN/$id/failed-now")
  case $status in
    0 | 4)
      [ -z "$new" ] && [ "$(target /run/current-system)" = "$to" ] && return
      [ -z "$new" ] && problem="the activation ended, but another system runs: $(target /run/current-system)" && return 1
      tell_failed_units
      problem="newly failing: $(echo "$new" | paste -sd ' ' -)"
      ;;
    124 | 137) problem="the activation did not end within $activation_timeout s" ;;
    *) problem="switch-to-configuration ended with exit status $status" ;;
  esac
  return 1
}

tell_failed_units() {
  for unit in $new; do
    event "\"type\":\"unit-failed\",\"unit\":$(quoted "$unit"),\"journal\":[$(
      journalctl --unit="$unit" --lines=10 --output=cat --no-pager --quiet 2>/dev/null | quoted_lines | join
    )]"
  done
}

# Time is the uptime: a clock that jumps neither hurries nor delays anybody.
await_decision() {
  deadline=$(($(uptime_seconds) + confirm_timeout))
  until decision=$(readlink "$RUN/$id/decision"); do
    [ "$(uptime_seconds)" -ge "$deadline" ] && decide expired
    sleep 0.05
  done
}

# From here on the host boots the new system too. The profile comes first: boot loader installers read it.
commit() {
  problem='the commit could not be written down' && set_phase committing || return
  problem='the profile could not be set' && logged 300 nix-env --profile "$PROFILE" --set "$to" || return
  problem='the boot loader could not be updated' && system_do "$to" boot || return
  set_phase committed
  finish committed ''
}

# The profile and the boot loader name again what they named before; what runs is the caller's.
undo_commit() {
  set_phase rolling-back
  if [ "$(target "$PROFILE")" = "$to" ] && [ -n "$profile_before" ]; then
    set_back=${PROFILE%/*}/$profile_before
    now=$(readlink "$PROFILE")
    [ "$now" = "$profile_before" ] || { logged 60 nix-env --profile "$PROFILE" --switch-generation "$(number_of "$profile_before")" &&
      logged 60 nix-env --profile "$PROFILE" --delete-generations "$(number_of "$now")"; }
    is_system "$(target "$set_back")" && system_do "$(target "$set_back")" boot
  fi
  [ "$goal" = boot ] && finish rolled-back "$problem"
  return 0
}

number_of() { printf '%s\n' "$1" | sed 's/^.*system-\([0-9]*\)-link$/\1/'; }

# Activates what ran before, whoever made it, and looks whether it runs.
put_back() {
  reason=$1
  write_file "$STATE/$id/reason" "$reason"
  set_phase rolling-back
  event "\"type\":\"rolling-back\",\"reason\":$(quoted "$reason")"
  system_do "$from" test
  now=$(target /run/current-system)
  if [ "$now" = "$from" ] && { [ "$status" = 0 ] || [ "$status" = 4 ]; }; then
    finish rolled-back "$reason"
  else
    finish rollback-failed "$reason; putting back $from ended with exit status $status, and $now runs"
  fi
}
