# recover, settle: what a supervisor, or the whole host, left unfinished gets its true end.

# Runs when the supervisor's unit ends, however it ended. Finishes what the supervisor could not.
recover() {
  load_record
  if [ -z "$(outcome_of "$id")" ]; then
    # A host that is going down boots what its boot loader names; the rest is settled then.
    [ "$(systemctl is-system-running 2>/dev/null)" = stopping ] && return
    end_interrupted "the supervisor died (${SERVICE_RESULT:-unknown}) while ${phase:-begun}"
  fi
  release
}

end_interrupted() {
  case $phase in
    begun) finish rolled-back "$1; nothing was changed" ;;
    committing | committed) commit || { undo_commit && [ "$goal" = switch ] && put_back "$problem"; } ;;
    rolling-back)
      problem=$(cat "$STATE/$id/reason" 2>/dev/null)
      problem=${problem:+$problem; }$1
      undo_commit && [ "$goal" != boot ] && put_back "$problem"
      ;;
    *) if [ "$goal" = dry-activate ]; then finish failed "$1"; else put_back "$1"; fi ;;
  esac
}

# Gives every deployment without an outcome and without a supervisor the one that it really had.
settle_all() {
  settle_restarted
  unfinished | while read -r lost; do (id=$lost && load_record && settle) </dev/null; done
}

# The same for those that a restart of the host ended and left nothing to be done for.
settle_restarted() {
  unfinished | while read -r lost; do (id=$lost && load_record && restarted && is_whole && settle) </dev/null; done
}

# Whether the host boots either system as a whole: not so when a commit, or taking one back, was cut short.
is_whole() {
  case $phase in
    committing | committed) [ "$(boot_default)" = "$to" ] ;;
    rolling-back) return 1 ;;
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
  reason="the host restarted while $phase"
  case $phase in
    committing | committed | rolling-back)
      problem=$reason
      if [ "$phase" != rolling-back ] && [ "$(boot_default)" = "$to" ]; then
        finish committed "$reason; it boots the new system"
        return
      fi
      undo_commit
      ;;
  esac
  [ -n "$(outcome_of "$id")" ] || finish rolled-back "$reason; it booted $(target /run/booted-system)"
}

restarted() { [ "$boot_id" != "$(cat /proc/sys/kernel/random/boot_id)" ]; }
