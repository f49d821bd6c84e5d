# supervise: the guarded activation itself, in a systemd unit of its own.

supervise() {
  load_record
  free_activation_lock || { finish rolled-back "$problem; nothing was changed"; return; }
  remember_units
  case $goal in
    dry-activate) dry_activate ;;
    boot) commit_or_go_back ;;
    test) try && finish activated '' ;;
    switch)
      if [ "$reboot" = yes ]; then
        activate_by_reboot
      else
        try && commit_or_go_back
      fi
      ;;
  esac
}

dry_activate() {
  set_phase activating
  system_do "$to" dry-activate && finish dry-activated '' && return
  finish failed "dry-activate ended with exit status $status"
}

# Activates the new system and waits for the confirmation. On any failure what ran before is put back.
try() {
  set_phase activating || { finish rolled-back 'the activation could not be written down; nothing was changed'; return 1; }
  activation_begun=$(microseconds)
  system_do "$to" test
  set_phase judging
  judge_activation && judge_health || { put_back "$problem"; return 1; }
  is_confirmed && is_still_ours || { put_back "$problem"; return 1; }
}

# Waits for the controller's word, over a new connection.
is_confirmed() {
  set_phase waiting
  await_decision
  case $decision in
    confirmed) return 0 ;;
    expired) problem="nobody confirmed within $confirm_timeout s that the host can still be reached" ;;
    *)
      why=$(cat "$RUN/$id/why" 2>/dev/null)
      problem="the controller called the deployment off${why:+: $why}"
      ;;
  esac
  return 1
}

# Time is the uptime: a clock that jumps neither hurries nor delays anybody.
await_decision() {
  deadline=$(($(uptime_seconds) + confirm_timeout))
  until [ -L "$RUN/$id/decision" ]; do
    read -r now _ </proc/uptime
    [ "${now%%.*}" -lt "$deadline" ] || decide expired
    sleep 0.05
  done
  decision=$(readlink "$RUN/$id/decision")
}
