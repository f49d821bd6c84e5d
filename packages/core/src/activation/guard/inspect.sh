# inspect: what the host is, in one answer.

inspect() {
  [ "$(id -u)" = 0 ] && settle_restarted
  running=$(target /run/current-system)
  booted=$(target /run/booted-system)
  profile=$(target "$PROFILE")
  default=$(boot_default)
  generation=$(readlink "$PROFILE" 2>/dev/null | sed -n 's/^.*system-\([0-9]\{1,\}\)-link$/\1/p')
  printf '{"guard":%s,"hostname":%s' "$PROTOCOL" "$(quoted "$(cat /proc/sys/kernel/hostname)")"
  printf ',"running":%s' "$(quoted "$running")"
  [ -n "$booted" ] && printf ',"booted":%s' "$(quoted "$booted")"
  [ -n "$default" ] && printf ',"bootDefault":%s' "$(quoted "$default")"
  [ -n "$profile" ] && printf ',"profile":%s' "$(quoted "$profile")"
  [ -n "$generation" ] && printf ',"generation":%s' "$generation"
  printf ',"generations":[%s]' "$(generations | join)"
  printf ',"rebootRequired":%s' "$(reboot_required)"
  printf ',"bootId":%s' "$(quoted "$(cat /proc/sys/kernel/random/boot_id)")"
  version=$(cat /run/current-system/nixos-version 2>/dev/null) && printf ',"nixosVersion":%s' "$(quoted "$version")"
  printf ',"failedUnits":[%s]' "$(failed_units | quoted_lines | join)"
  printf ',"freeBytes":%s' "$(df --output=avail -B1 /nix/store | sed -n '2{s/ //g;p}')"
  holder=$(lock_holder) && printf ',"lock":%s' "$(record_json "$holder")"
  printf ',"deployments":[%s]}\n' "$(newest_deployments 5 | while read -r id; do record_json "$id"; done | join)"
}

generations() {
  for link in "$PROFILE"-*-link; do
    [ -L "$link" ] || continue
    number=${link#"$PROFILE"-}
    printf '{"number":%s,"toplevel":%s,"created":%s}\n' \
      "${number%-link}" "$(quoted "$(target "$link")")" "$(stat -c %Y "$link")"
  done
}

# Whether what runs, or what boots next, has another kernel, initrd or modules than what was booted.
reboot_required() {
  for part in kernel initrd kernel-modules; do
    was=$(target "/run/booted-system/$part")
    for system in "$running" "$default"; do
      [ -n "$was" ] && [ -n "$system" ] && [ "$(target "$system/$part")" != "$was" ] && echo true && return
    done
  done
  echo false
}

# The toplevel that the boot loader starts next, read from its own configuration (systemd-boot, GRUB), else the profile's.
boot_default() {
  for boot in /boot /efi /boot/efi; do
    entry=$(sed -n 's/^default[[:space:]]\{1,\}//p' "$boot/loader/loader.conf" 2>/dev/null | sed -n 1p)
    [ -n "$entry" ] || continue
    for file in "$boot/loader/entries/${entry%.conf}"*; do
      init_of "$file" && return
    done
  done
  [ -f /boot/grub/grub.cfg ] && init_of /boot/grub/grub.cfg && return
  target "$PROFILE"
}

init_of() {
  found=$(sed -n 's/^.*[[:space:]]init=\(\/nix\/store\/[^/[:space:]]*\)\/init.*$/\1/p' "$1" 2>/dev/null | sed -n 1p)
  [ -n "$found" ] && printf '%s\n' "$found"
}
