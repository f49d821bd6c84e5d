# inspect, compare, history: what the host is and was, changing nothing.

inspect() {
  [ "$(id -u)" = 0 ] && settle_restarted
  running=$(target /run/current-system)
  booted=$(target /run/booted-system)
  profile=$(target "$PROFILE")
  default=$(boot_default)
  number=$(number_of "$(readlink "$PROFILE" 2>/dev/null)")
  printf '{"guard":%s,"features":[%s],"restricted":%s' "$PROTOCOL" "$(printf '%s\n' $FEATURES | quoted_lines | join)" "$(restricted && echo true || echo false)"
  printf ',"hostname":%s' "$(quoted "$(cat /proc/sys/kernel/hostname)")"
  printf ',"running":%s' "$(quoted "$running")"
  [ -n "$booted" ] && printf ',"booted":%s' "$(quoted "$booted")"
  [ -n "$default" ] && printf ',"bootDefault":%s' "$(quoted "$default")"
  [ -n "$profile" ] && printf ',"profile":%s' "$(quoted "$profile")"
  [ -n "$number" ] && printf ',"generation":%s' "$number"
  printf ',"generations":[%s]' "$(generations | join)"
  printf ',"rebootRequired":%s' "$([ -n "$(reboot_reasons "$running"; reboot_reasons "$default")" ] && echo true || echo false)"
  printf ',"bootId":%s' "$(quoted "$(boot_id_now)")"
  printf ',"clock":%s' "$(quoted "$(date '+%a %H:%M')")"
  version=$(cat /run/current-system/nixos-version 2>/dev/null) && printf ',"nixosVersion":%s' "$(quoted "$version")"
  printf ',"failedUnits":[%s]' "$(failed_units | quoted_lines | join)"
  printf ',"freeBytes":%s' "$(df --output=avail -B1 /nix/store | sed -n '2{s/ //g;p}')"
  holder=$(lock_holder) && printf ',"lock":%s' "$(record_json "$holder" && echo '}')"
  printf ',"deployments":[%s]}\n' "$(newest_deployments 5 | while read -r id; do record_json "$id" && echo '}'; done | join)"
}

# What stands between the running kernel and system $1, a word each.
compare() {
  is_system "$1" || refuse_system "$?" "not a NixOS system of this host's store: $1" || return
  reasons=$(reboot_reasons "$1")
  printf '{"rebootNeeded":%s,"because":[%s]}\n' \
    "$([ -n "$reasons" ] && echo true || echo false)" "$(printf '%s' "${reasons:+$reasons$newline}" | quoted_lines | join)"
}

reboot_reasons() {
  [ -n "$1" ] && [ -e /run/booted-system ] || return 0
  differs kernel "$1/kernel" /run/booted-system/kernel
  differs initrd "$1/initrd" /run/booted-system/initrd
  differs modules "$1/kernel-modules" /run/booted-system/kernel-modules
  [ "$(version_of "$1/systemd")" = "$(version_of /run/booted-system/systemd)" ] || echo systemd
  cmp -s "$1/init-interface-version" /run/current-system/init-interface-version || echo init-interface
  inhibitors "$1/switch-inhibitors" | while read -r line; do
    was=$(inhibitors /run/current-system/switch-inhibitors | grep -F -- "${line%%:*}:")
    [ -z "$was" ] || [ "$was" = "$line" ] || printf '%s\n' "${line%%:*}" | tr -d '" '
  done
}

# What NixOS calls too critical to be changed in a running system: a JSON object of texts, here a line each.
inhibitors() { tr ',' '\n' 2>/dev/null <"$1" | tr -d '{}' | sed 's/^[[:space:]]*//; s/[[:space:]]*:[[:space:]]*/:/; s/[[:space:]]*$//' | grep '^"'; }

differs() {
  was=$(target "$3")
  [ -z "$was" ] || [ "$(target "$2")" = "$was" ] || echo "$1"
}

# Another build of the same systemd is no other systemd.
version_of() { target "$1" | sed -n 's/^\/nix\/store\/[0-9a-z]\{32\}-\([^/]*\).*$/\1/p'; }

generations() {
  for link in "$PROFILE"-*-link; do
    [ -L "$link" ] || continue
    number=${link#"$PROFILE"-}
    printf '{"number":%s,"toplevel":%s,"created":%s}\n' \
      "${number%-link}" "$(quoted "$(target "$link")")" "$(stat -c %Y "$link")"
  done
}

# One line a deployment, the newest first, with its events but for the output of the activation.
history() {
  matches "$1" '[0-9]\{1,4\}' || fail invalid-input "not a number of deployments: $1" || return
  [ "$(id -u)" = 0 ] && settle_restarted
  newest_deployments "$1" | while read -r id; do
    record_json "$id" || continue
    printf ',"events":[%s]}\n' "$(grep -v '"type":"output"' "$STATE/$id/events" | join)"
  done
}
