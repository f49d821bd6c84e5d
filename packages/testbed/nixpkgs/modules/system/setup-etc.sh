#!/bin/sh
# setup-etc STATIC: makes /etc/static lead to STATIC and every file of STATIC appear in /etc, as a
# link through /etc/static or, where STATIC has a file NAME.mode, as a copy. What an earlier
# configuration put there and this one does not name goes; everything else in /etc stays.
set -eu

static=$1
copies=/etc/.clean
status=0

main() {
  echo "setting up /etc..." || true
  link_atomically "$static" /etc/static
  remove_stale_links
  new_copies=
  list=$(cd "$static" && find . -type l | sed 's|^\./||')
  for file in $list; do
    mkdir -p "$(dirname "/etc/$file")"
    if [ -e "$static/$file.mode" ]; then
      copy "$file"
    else
      make_room "/etc/$file" && link_atomically "/etc/static/$file" "/etc/$file"
    fi || status=1
  done
  remove_stale_copies
  touch /etc/NIXOS
  exit $status
}

link_atomically() {
  [ "$(readlink "$2")" != "$1" ] || return 0
  ln -sfn "$1" "$2.tmp"
  mv -fT "$2.tmp" "$2"
}

# A folder in the way goes if there is nothing but links in it, as in Debian's own unit folder.
make_room() {
  [ -d "$1" ] && [ ! -L "$1" ] || return 0
  if [ -n "$(find "$1" ! -type d ! -type l)" ]; then
    echo "$1 is a folder with files of its own: it stays, and hides what the configuration has there" >&2
    return 1
  fi
  rm -rf "$1"
}

copy() {
  read -r mode user group <"$static/$1.mode"
  new_copies="$new_copies$1
"
  cp "$static/$1" "/etc/$1.tmp" &&
    chown "$user:$group" "/etc/$1.tmp" &&
    chmod "$mode" "/etc/$1.tmp" &&
    mv -fT "/etc/$1.tmp" "/etc/$1"
}

remove_stale_links() {
  find /etc -xtype l -lname '/etc/static/*' -exec rm -f {} +
}

remove_stale_copies() {
  if [ -e "$copies" ]; then
    while IFS= read -r file; do
      case "
$new_copies" in
      *"
$file
"*) ;;
      *) rm -f "/etc/$file" ;;
      esac
    done <"$copies"
  fi
  printf %s "$new_copies" >"$copies"
}

main
