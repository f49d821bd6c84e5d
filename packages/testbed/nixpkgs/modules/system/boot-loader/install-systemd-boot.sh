#!/bin/sh
# install-systemd-boot TOPLEVEL: one boot entry per generation of the system profile; the newest generation of
# TOPLEVEL becomes the default. Files are replaced by renaming them.
set -eu
export PATH=/usr/bin:/bin

toplevel=$(readlink -f "$1")
boot=@boot@
limit=@limit@
names=@names@
tries=@tries@
profile=/nix/var/nix/profiles/system
entries=$boot/loader/entries

main() {
  mkdir -p "$entries" "$boot/EFI/nixos"
  default=
  kept=
  for generation in $(list_generations); do
    system=$(readlink -f "$profile-$generation-link")
    write_entry "$generation" "$system"
    if [ "$system" = "$toplevel" ]; then default=$id; fi
  done
  [ -z "$default" ] || loader_settings | replace "$boot/loader/loader.conf"
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

# An entry that is there already keeps the boot counters it has by now; sets `id`.
write_entry() {
  kernel=$(copy_boot_file "$(readlink -f "$2/kernel")")
  initrd=$(copy_boot_file "$(readlink -f "$2/initrd")")
  content=$(describe "$1" "$2")
  name=nixos-generation-$1
  if [ "$names" = content ]; then name=nixos-$(echo "$content" | sha256sum | cut -d ' ' -f 1); fi
  id=$name.conf
  file=$(cd "$entries" && grep -lsF "init=$2/init " "$name.conf" "$name"+*.conf | head -n 1) || true
  file=${file:-$name${tries:++$tries}.conf}
  echo "$content" | replace "$entries/$file"
  kept="$kept $file"
}

describe() {
  cat <<EOT
title NixOS
sort-key nixos
version Generation $1 NixOS $(cat "$2/nixos-version")
linux $kernel
initrd $initrd
options init=$2/init $(cat "$2/kernel-params")
EOT
}

# Copies a file of the store to EFI/nixos under a name of its own, and prints its path below boot.
copy_boot_file() {
  name=${1#/nix/store/}
  target=/EFI/nixos/$(echo "$name" | tr / -).efi
  [ -e "$boot$target" ] || replace "$boot$target" <"$1"
  echo "$target"
}

# With boot counting a default entry without tries left gives way to the newest one that has some.
loader_settings() {
  echo "timeout @timeout@"
  if [ -n "$tries" ]; then
    echo "preferred $default"
    echo "default nixos-*"
  else
    echo "default $default"
  fi
  echo "console-mode keep"
}

remove_stale_entries() {
  for entry in "$entries"/nixos-*.conf; do
    case "$kept " in
    *" ${entry##*/} "*) ;;
    *) rm -f "$entry" ;;
    esac
  done
}

replace() {
  cat >"$1.tmp"
  mv -f "$1.tmp" "$1"
}

main
