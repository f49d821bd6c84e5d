#!/bin/sh
# install-loader-entries TOPLEVEL: one boot entry per generation of the system profile; the
# newest generation of TOPLEVEL becomes the default. Files are replaced by renaming them.
set -eu
export PATH=/usr/bin:/bin

toplevel=$(readlink -f "$1")
boot=@boot@
limit=@limit@
profile=/nix/var/nix/profiles/system

main() {
  mkdir -p "$boot/loader/entries" "$boot/EFI/nixos"
  generations=$(list_generations)
  default=
  for generation in $generations; do
    system=$(readlink -f "$profile-$generation-link")
    write_entry "$generation" "$system"
    if [ "$system" = "$toplevel" ]; then default=$generation; fi
  done
  if [ -n "$default" ]; then
    printf 'timeout %s\ndefault nixos-generation-%s.conf\nconsole-mode keep\n' "@timeout@" "$default" |
      replace "$boot/loader/loader.conf"
  fi
  remove_stale_entries
}

# Numbers in ascending order, the newest `limit` ones.
list_generations() {
  for link in "$profile"-*-link; do
    [ -e "$link/init" ] || continue
    number=${link#"$profile"-}
    echo "${number%-link}"
  done | sort -n | tail -n "${limit:-+1}"
}

write_entry() {
  kernel=$(copy_boot_file "$(readlink -f "$2/kernel")")
  initrd=$(copy_boot_file "$(readlink -f "$2/initrd")")
  replace "$boot/loader/entries/nixos-generation-$1.conf" <<EOF
title NixOS
sort-key nixos
version Generation $1 NixOS $(cat "$2/nixos-version")
linux $kernel
initrd $initrd
options init=$2/init $(cat "$2/kernel-params")
EOF
}

# Copies a file of the store to EFI/nixos under a name of its own, and prints its path below boot.
copy_boot_file() {
  name=${1#/nix/store/}
  target=/EFI/nixos/$(echo "$name" | tr / -).efi
  [ -e "$boot$target" ] || replace "$boot$target" <"$1"
  echo "$target"
}

remove_stale_entries() {
  for entry in "$boot"/loader/entries/nixos-generation-*.conf; do
    number=${entry##*-generation-}
    case "
$generations
" in
    *"
${number%.conf}
"*) ;;
    *) rm -f "$entry" ;;
    esac
  done
}

replace() {
  cat >"$1.tmp"
  mv -f "$1.tmp" "$1"
}

main
