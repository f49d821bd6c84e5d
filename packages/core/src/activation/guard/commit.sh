# The commit, and taking it back.

# From here on the host boots the new system too. The profile comes first: boot loader installers read it.
commit() {
  problem='the commit could not be written down' && set_phase committing || return
  is_still_ours || return
  problem='the profile could not be set' && set_profile || return
  problem='the boot loader could not be updated' && system_do "$to" boot || return
  next=$(boot_default)
  [ "$next" = "$to" ] || event "\"type\":\"warning\",\"message\":$(quoted "the boot loader's configuration names $next")"
  set_phase committed
  finish committed ''
}

commit_or_go_back() {
  commit || { undo_commit; go_back "$problem"; }
}

# Whether the host is as this deployment left it: what somebody else does meanwhile goes before.
is_still_ours() {
  problem="somebody else activated $(target /run/current-system) meanwhile"
  [ "$goal" = boot ] || [ "$(target /run/current-system)" = "$to" ] || return
  problem="somebody else set the system profile meanwhile, to $(target "$PROFILE")"
  is_profile_ours
}

is_profile_ours() {
  [ "$(readlink "$PROFILE" 2>/dev/null)" = "$profile_before" ] || [ "$(target "$PROFILE")" = "$to" ]
}

# A rollback goes back to the generation that it names; everything else becomes a new one.
set_profile() {
  if [ -n "$generation" ]; then
    logged 60 nix-env --profile "$PROFILE" --switch-generation "$generation"
    return
  fi
  highest=$(highest_generation)
  logged 60 nix-env --profile "$PROFILE" --set "$to" || return
  made=$(number_of "$(readlink "$PROFILE")")
  [ "$made" -le "$highest" ] || write_file "$STATE/$id/made" "$made"
}

# The profile and the boot loader name again what they named before; what runs is the caller's.
undo_commit() {
  set_phase rolling-back
  restore_boot
}

# Puts back what the host boots, and removes the generation that this deployment made. What somebody else has set
# meanwhile is left to them.
restore_boot() {
  now=$(readlink "$PROFILE" 2>/dev/null)
  made=$(cat "$STATE/$id/made" 2>/dev/null)
  if ! is_profile_ours; then
    default=$(boot_default)
  elif [ -n "$profile_before" ] && [ "$now" != "$profile_before" ] && [ "$(target "$PROFILE")" = "$to" ]; then
    [ -n "$made" ] || [ -n "$generation" ] || made=$(number_of "$now")
    logged 60 nix-env --profile "$PROFILE" --switch-generation "$(number_of "$profile_before")"
  fi
  if [ -n "$made" ] && [ "$(readlink "$PROFILE")" != "system-$made-link" ] && [ "$(target "$PROFILE-$made-link")" = "$to" ]; then
    logged 60 nix-env --profile "$PROFILE" --delete-generations "$made"
  elif [ "$(boot_default)" = "$default" ]; then
    return
  fi
  is_system "$default" || default=$(target "$PROFILE")
  is_system "$default" && system_do "$default" boot && rm -f "$STATE/$id/made"
}

is_boot_restored() {
  [ ! -e "$STATE/$id/made" ] && [ "$(readlink "$PROFILE" 2>/dev/null)" = "$profile_before" ] && [ "$(boot_default)" = "$default" ]
}

highest_generation() {
  for link in "$PROFILE"-*-link; do number_of "${link##*/}"; done | sort -n | tail -n 1
}

number_of() { printf '%s\n' "$1" | sed -n 's/^.*system-\([0-9]*\)-link$/\1/p'; }
