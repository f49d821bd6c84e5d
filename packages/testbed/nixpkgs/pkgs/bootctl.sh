#!/bin/sh
# bootctl: says and sets what a UEFI machine with systemd-boot boots. A container has no EFI variables, so this program
# alone of systemd's is not the real one; it keeps the variables in files of /boot/loader, where the test host's boot
# loader reads them. Words and exit statuses are the real one's.
set -eu
export PATH=/usr/bin:/bin

loader=/boot/loader
quiet=

main() {
  while [ $# -gt 0 ]; do
    case $1 in
    --quiet) quiet=1 ;;
    --no-pager | --esp-path=* | --boot-path=* | --path=*) ;;
    --version) exec systemctl --version ;;
    --) shift && break ;;
    -*) fail "bootctl: unrecognized option '$1'" ;;
    *) break ;;
    esac
    shift
  done
  verb=${1-status}
  case $verb in
  status) no_more_than 1 "$@" && show_status ;;
  is-installed) no_more_than 1 "$@" && say_installed ;;
  set-oneshot) set_variable LoaderEntryOneShot oneshot "$@" ;;
  set-default) set_variable LoaderEntryDefault default "$@" ;;
  *) fail "Unknown command verb '$verb'." ;;
  esac
}

# set_variable NAME FILE VERB ID: an empty ID removes the variable.
set_variable() {
  [ $# -ge 4 ] || fail "Too few arguments."
  no_more_than 4 "$@"
  [ -e "$loader/selected" ] || fail "Not booted with UEFI."
  id=$4
  case $id in
  @current) id=$(cat "$loader/selected") ;;
  @default) id=$(variable default) || fail "Failed to get EFI variable 'LoaderEntryDefault': No such file or directory" ;;
  @oneshot) id=$(variable oneshot) || fail "Failed to get EFI variable 'LoaderEntryOneShot': No such file or directory" ;;
  @*) fail "Unsupported special entry identifier: $id" ;;
  esac
  if [ -z "$id" ]; then
    rm -f "$loader/$2"
  else
    echo "$id" >"$loader/$2.tmp"
    mv -f "$loader/$2.tmp" "$loader/$2"
  fi
  sync -f "$loader"
}

variable() { cat "$loader/$1" 2>/dev/null; }

show_status() {
  echo "System:"
  if [ -e "$loader/selected" ]; then
    echo "      Firmware: UEFI 2.70 (testbed 1.00)"
    echo
    echo "Current Boot Loader:"
    echo "       Product: systemd-boot $(systemctl --version | sed -n '1s/^systemd [0-9]* (\(.*\))$/\1/p')"
    echo " Current Entry: $(variable selected)"
    ! value=$(variable default) || echo " Default Entry: $value"
    ! value=$(variable oneshot) || echo " OneShot Entry: $value"
  else
    echo "Not booted with EFI"
  fi
}

say_installed() {
  if [ -e "$loader/loader.conf" ]; then
    [ -n "$quiet" ] || echo yes
  else
    [ -n "$quiet" ] || echo no
    return 1
  fi
}

no_more_than() {
  most=$1
  shift
  [ $# -le "$most" ] || fail "Too many arguments."
}

fail() {
  echo "$1" >&2
  exit 1
}

main "$@"
