# put_back: what ran before runs again.

# Activates what ran before, whoever made it, and looks whether it runs. Reason $1 is why.
put_back() {
  reason=$1
  is_taken_over && { finish superseded "$reason; meanwhile somebody else activated $running, which was left as it is"; return; }
  write_file "$STATE/$id/reason" "$reason"
  set_phase rolling-back
  event "\"type\":\"rolling-back\",\"reason\":$(quoted "$reason")"
  if [ "$status" = 1 ] && [ "$running" = "$from" ] && grep -q 'Pre-switch checks failed' "$STATE/$id/log"; then
    finish rolled-back "$reason; nothing was changed"
    return
  fi
  free_activation_lock || event "\"type\":\"warning\",\"message\":$(quoted "$problem")"
  system_do "$from" test
  restart_lost_units
  running=$(target /run/current-system)
  case $status in 0 | 2 | 4) [ "$running" = "$from" ] && { finish rolled-back "$reason$(tell_still_failing)"; return; } ;; esac
  reason="$reason; putting back $from ended with exit status $status, and $running runs"
  if [ "$rescue" = reboot ] && [ "$(boot_default)" = "$from" ]; then rescue_by_reboot; else finish rollback-failed "$reason"; fi
}

# Whether somebody activated a third system, after the activation of this deployment had ended.
is_taken_over() {
  running=$(target /run/current-system)
  [ "$running" != "$to" ] && [ "$running" != "$from" ]
}

tell_still_failing() {
  new=$(new_failures)
  [ -n "$new" ] || return 0
  tell_failed_units
  printf '; failing since then: %s' "$(one_line "$new")"
}
