# recover, settle: what a supervisor, or the whole host, left unfinished gets its true end.

# Runs when the deployment's unit ends, however it ended. Finishes what the supervisor could not.
recover() {
  load_record
  recovering=yes
  if [ -z "$(outcome_of "$id")" ]; then
    # A host that is going down boots what its boot loader names; the rest is settled then.
    is_stopping && return
    end_interrupted "the supervisor died (${SERVICE_RESULT:-unknown}) while ${phase:-begun}"
  fi
  # Without an outcome the host is on its way into a reboot.
  [ -n "$(outcome_of "$id")" ] || return
  release
  detach_unit
}

end_interrupted() {
  case $phase in
    begun | '') finish rolled-back "$1; nothing was changed" ;;
    committing | committed) commit_or_go_back ;;
    rolling-back)
      reason=$(cat "$STATE/$id/reason" 2>/dev/null)
      restore_boot
      go_back "${reason:+$reason; }$1"
      ;;
    *) if [ "$goal" = dry-activate ]; then finish failed "$1"; else go_back "$1"; fi ;;
  esac
}

# What ran before the deployment runs again, in the way that fits to how far it had come.
go_back() {
  if [ "$goal" = boot ]; then
    finish rolled-back "$1"
  elif [ "$reboot" = no ]; then
    put_back "$1"
  elif restarted; then
    reboot_back "$1"
  else
    disarm
    finish rolled-back "$1; the host was not rebooted"
  fi
}

# Gives every deployment without an outcome and without a supervisor the one that it really had.
settle_all() {
  settle_restarted
  unfinished | while read -r lost; do (id=$lost && load_record && settle) </dev/null; done
}

# The same for those that a restart of the host ended and left nothing to be done for; those that a restart is part of go on.
settle_restarted() {
  unfinished | while read -r lost; do
    (id=$lost && load_record && restarted && if expects_restart; then start_unit resume; else is_whole && settle; fi) </dev/null
  done
}

# Whether the host boots either system as a whole: not so when a commit, or taking one back, was cut short.
is_whole() {
  case $phase in
    committing | committed) [ "$(boot_default)" = "$to" ] ;;
    rolling-back) is_boot_restored ;;
  esac
}

unfinished() {
  for directory in "$STATE"/*/; do
    candidate=$(basename "$directory")
    [ -e "$STATE/$candidate/record" ] && [ -z "$(outcome_of "$candidate")" ] &&
      [ "$(id=$candidate && unit_state)" = gone ] && printf '%s\n' "$candidate"
  done
}

settle() {
  restarted || { end_interrupted "the supervisor was lost while $phase"; return; }
  ! expects_restart || return
  reason="the host restarted while $phase"
  case $phase in
    committing | committed)
      if [ "$(boot_default)" = "$to" ]; then
        finish committed "$reason; it boots the new system"
        return
      fi
      undo_commit
      ;;
    rolling-back) restore_boot ;;
  esac
  finish rolled-back "$reason; it booted $(target /run/booted-system)"
}

restarted() { [ "$boot_id" != "$(boot_id_now)" ]; }

# Only a deployment that goes on after a restart keeps its token on the disk.
expects_restart() { [ -e "$STATE/$id/token" ]; }

is_stopping() { [ "$(systemctl is-system-running 2>/dev/null)" = stopping ]; }
