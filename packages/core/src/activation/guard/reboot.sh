# Activation by a reboot: the new system is booted once, proves itself, and only then becomes what the host boots.

activate_by_reboot() {
  set_phase arming || { finish rolled-back 'the reboot could not be written down; nothing was changed'; return; }
  arm && set_phase rebooting && restart_host || { disarm; finish rolled-back "$problem; the host was not rebooted"; }
}

# The new system gets an entry that is booted once, and the default stays. Where the boot loader cannot do that the new
# system becomes the default already now.
arm() {
  problem='the reboot could not be prepared'
  cp "$RUN/$id/token" "$STATE/$id/token" && attach_unit || return
  [ "$(boot_default)" != "$to" ] || return 0
  problem='the profile could not be set' && set_profile || return
  if [ "$(loader)" != none ] && is_system "$default"; then
    problem='the boot loader could not be updated' && switch_profile_back && system_do "$default" boot || return
    boot_once "$to" && return
  fi
  event "\"type\":\"warning\",\"message\":\"the boot loader cannot boot a system just once: if the new one does not come up, the host needs a hand\""
  problem='the boot loader could not be updated' && set_profile && system_do "$to" boot
}

switch_profile_back() {
  [ "$(readlink "$PROFILE")" = "$profile_before" ] || [ -z "$profile_before" ] ||
    logged 60 nix-env --profile "$PROFILE" --switch-generation "$(number_of "$profile_before")"
}

disarm() {
  clear_once
  restore_boot
}

# Ends with the host; fails when the host does not go down. What runs after the end of the unit must end itself: systemd
# waits for it.
restart_host() {
  sync
  said=$(systemctl reboot 2>&1) || { problem="the host could not be rebooted: $said"; return 1; }
  [ -z "$recovering" ] || return 0
  sleep 300
  problem='the host did not go down within 300 s'
  return 1
}

# resume: the unit of the deployment after the reboot.
resume() {
  load_record
  [ -z "$(outcome_of "$id")" ] || { detach_unit; return; }
  mkdir -p "$RUN/$id" && chmod 0700 "$RUN" "$RUN/$id" && cp "$STATE/$id/token" "$RUN/$id/token" && ln -sfn "$id" "$RUN/lock"
  running=$(target /run/current-system)
  booted=$(target /run/booted-system)
  event "\"type\":\"booted\",\"bootId\":$(quoted "$(boot_id_now)"),\"toplevel\":$(quoted "$booted")"
  status=0
  case $phase in
    rolling-back) end_reboot_back ;;
    *)
      if [ "$booted" != "$to" ]; then
        disarm
        finish rolled-back "the host came back in $booted and not in the new system (while $phase)"
      elif [ "$phase" = committing ]; then
        commit || reboot_back "$problem"
      else
        prove_boot
      fi
      ;;
  esac
}

prove_boot() {
  activation_begun=$(microseconds)
  timeout "$activation_timeout" systemctl is-system-running --wait >/dev/null 2>&1
  set_phase judging
  judge_health && is_confirmed && is_still_ours || { reboot_back "$problem"; return; }
  commit_or_go_back
}

# The default is still, or again, what was booted before: the way back is a reboot.
reboot_back() {
  reason=$1
  is_taken_over && { finish superseded "$reason; the host was left to them"; return; }
  if [ "$default" = "$to" ]; then
    finish failed "$reason; the host booted this system before, too, so there is nothing to go back to"
    return
  fi
  write_file "$STATE/$id/reason" "$reason"
  set_phase rolling-back
  event "\"type\":\"rolling-back\",\"reason\":$(quoted "$reason")"
  clear_once
  restore_boot
  restart_host || finish rollback-failed "$reason; $problem"
}

# What ran before could not be put back, and the boot loader still names it.
rescue_by_reboot() {
  event "\"type\":\"notice\",\"message\":$(quoted "$reason; rebooting into it")"
  write_file "$STATE/$id/reason" "$reason"
  cp "$RUN/$id/token" "$STATE/$id/token" && attach_unit && restart_host || finish rollback-failed "$reason; $problem"
}

end_reboot_back() {
  reason=$(cat "$STATE/$id/reason" 2>/dev/null)
  if [ "$booted" = "$to" ] && [ "$booted" != "$from" ]; then
    finish rollback-failed "$reason; the host came back in the new system all the same"
  else
    restore_boot
    finish rolled-back "$reason"
  fi
}
