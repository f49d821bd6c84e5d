# Boot loaders: what they start next, and starting something else just once.

# The toplevel that the boot loader starts next, read from its own configuration (systemd-boot, GRUB), else the profile's.
# systemd-boot takes `preferred` before `default`; a pattern names no entry. An entry's file may have a counter in its name.
boot_default() {
  directory=$(loader_directory) && for key in preferred default; do
    entry=$(sed -n "s/^${key}[[:space:]]\{1,\}//p" "$directory/loader.conf" | sed -n 1p)
    entry=${entry%.conf}
    case $entry in '' | *\** | */*) continue ;; esac
    for file in "$directory/entries/$entry.conf" "$directory/entries/$entry"+*.conf; do
      init_of "$file" && return
    done
  done
  [ -f "$GRUB/grub.cfg" ] && init_of "$GRUB/grub.cfg" && return
  target "$PROFILE"
}

readonly GRUB=/boot/grub

loader_directory() {
  for boot in /boot /efi /boot/efi; do
    [ ! -f "$boot/loader/loader.conf" ] || { echo "$boot/loader"; return; }
  done
  return 1
}

init_of() {
  found=$(sed -n 's/^.*[[:space:]]init=\(\/nix\/store\/[^/[:space:]]*\)\/init.*$/\1/p' "$1" 2>/dev/null | sed -n 1p)
  [ -n "$found" ] && printf '%s\n' "$found"
}

# The loader that can be told to boot something just once.
loader() {
  if loader_directory >/dev/null; then
    if command -v bootctl >/dev/null; then echo systemd-boot; else echo none; fi
  elif [ -f "$GRUB/grub.cfg" ] && command -v grub-reboot >/dev/null; then
    echo grub
  else
    echo none
  fi
}

# The next boot, and only that one, starts toplevel $1.
boot_once() {
  case $(loader) in
    systemd-boot) entry=$(entry_of "$1") && logged 60 bootctl set-oneshot "$entry" ;;
    grub) entry=$(grub_entry_of "$1") && logged 60 grub-reboot --boot-directory=/boot "$entry" ;;
    *) return 1 ;;
  esac
}

clear_once() {
  case $(loader) in
    systemd-boot) logged 60 bootctl set-oneshot '' ;;
    grub) logged 60 grub-editenv "$GRUB/grubenv" unset next_entry ;;
  esac
}

# The id of the entry of toplevel $1: the name of its file, without the counter of boots.
entry_of() {
  for file in "$(loader_directory)"/entries/*.conf; do
    [ "$(init_of "$file")" = "$1" ] || continue
    file=${file##*/}
    printf '%s\n' "${file%.conf}.conf" | sed 's/+[0-9]\{1,\}\(-[0-9]\{1,\}\)\{0,1\}\.conf$/.conf/'
    return
  done
  return 1
}

# The title of the entry of toplevel $1, after that of the menu that it is in.
grub_entry_of() {
  menu='' title=''
  while read -r line; do
    case $line in
      submenu\ *) menu=$(title_in "$line") ;;
      menuentry\ *) title=$(title_in "$line") ;;
      *"init=$1/init"*)
        [ -z "$title" ] || { printf '%s\n' "${menu:+$menu>}$title"; return; }
        ;;
    esac
  done <"$GRUB/grub.cfg"
  return 1
}

title_in() { printf '%s\n' "$1" | sed "s/^[a-z]* *[\"']\([^\"']*\)[\"'].*$/\1/"; }
