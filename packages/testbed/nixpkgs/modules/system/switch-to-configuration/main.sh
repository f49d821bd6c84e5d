#!/bin/sh
# switch-to-configuration ACTION: makes this system the running one, as NixOS does.
#
# switch        add a boot entry and activate       boot   only the boot entry
# test          only activate                       check  only the pre-switch checks
# dry-activate  only say what would happen to the units
#
# Exit status: 1 before anything changed, 2 an activation snippet failed, 3 systemd could not be
# reloaded, 4 a unit failed, which hides 2 and 3, 100 the running system cannot switch to this one
# without a reboot. NixOS takes the error number of its last system call for some early errors: 2 on
# what is no NixOS, 11 when another switch has the lock.
export PATH=/usr/bin:/usr/sbin:/bin:/sbin

toplevel=@out@
new_units=$toplevel/etc/systemd/system
running_units=/etc/systemd/system
running_systemd=$(readlink -f /run/current-system/systemd)
action=${1-}
status=0

# The connection that started this may be cut by what it does.
trap '' HUP PIPE
[ -e /proc/self/fd/0 ] || exec </dev/null
[ -e /proc/self/fd/1 ] || exec >/dev/null
[ -e /proc/self/fd/2 ] || exec 2>/dev/null

main() {
  check_action
  check_host
  cd / || exit 1
  work=$(mktemp -d /run/nixos/switch.XXXXXX) || exit 1
  trap 'rm -rf "$work"' EXIT

  if [ "${NIXOS_NO_CHECK-}" != 1 ]; then
    "@preSwitchChecks@" "$toplevel" "$action" || fail "Pre-switch checks failed"
  fi
  if [ "$action" = check ]; then exit 0; fi

  if [ "$action" = switch ] || [ "$action" = boot ]; then
    "@installBootLoader@" "$toplevel" >&2 || fail "Failed to install bootloader"
    [ "${NIXOS_NO_SYNC-}" = 1 ] || sync -f /nix/store
  fi
  if [ "$action" = boot ]; then exit 0; fi

  check_init_interface
  compare_units
  if [ "$action" = dry-activate ]; then
    tell_plan
    exit 0
  fi
  change_units
  exit $status
}

check_action() {
  case $action in
  switch | boot | test | dry-activate | check) ;;
  *)
    say "Usage: $0 [check|switch|boot|test|dry-activate]"
    say "check:        run pre-switch checks and exit"
    say "switch:       make the configuration the boot default and activate now"
    say "boot:         make the configuration the boot default"
    say "test:         activate the configuration, but don't make it the boot default"
    say "dry-activate: show what would be done if this configuration were activated"
    exit 1
    ;;
  esac
}

check_host() {
  [ "$(id -u)" = 0 ] || fail "Error: ${0##*/} must be run as the root user"
  [ -e /etc/NIXOS ] || fail "This is not a NixOS installation!" 2
  mkdir -p /run/nixos || exit 1
  exec 9>/run/nixos/switch-to-configuration.lock || exit 1
  flock --nonblock 9 || fail "Could not acquire lock" 11
}

check_init_interface() {
  running=$(cat /run/current-system/init-interface-version 2>/dev/null)
  if [ "$running" != "$(cat "$toplevel/init-interface-version")" ]; then
    say "Warning: the new NixOS configuration has an ‘init’ that is"
    say "incompatible with the current configuration.  The new configuration"
    say "won't take effect until you reboot the system."
    say ""
    exit 100
  fi
}
