#!/bin/sh
# update-users WANTED: makes the users and groups that the file WANTED calls for, corrects those
# that differ, and removes users that an earlier configuration made and this one does not name.
set -eu

declared=/var/lib/nixos/declared-users
names=

main() {
  . "$1"
  remove_undeclared
  printf %s "$names" >"$declared"
}

# group NAME GID
group() {
  getent group "$1" >/dev/null || groupadd --force ${2:+--gid "$2"} "$1"
}

# user NAME UID GROUP GROUPS HOME SHELL CREATE PASSWORD KIND DESCRIPTION
user() {
  names="$names$1
"
  entry=$(getent passwd "$1") || entry=
  if [ -z "$entry" ]; then
    useradd --no-create-home $9 ${2:+--uid "$2"} --gid "$3" --home-dir "$5" --shell "$6" \
      --comment "${10}" "$1" 2>/dev/null
  elif [ "${entry#*:*:*:*:*:}" != "$5:$6" ] || [ "$(id -gn "$1")" != "$3" ]; then
    usermod --gid "$3" --home "$5" --shell "$6" "$1" >&2
  fi
  update_groups "$1" "$4"
  if [ "$7" = create ] && [ ! -d "$5" ]; then
    install -d -m 0700 -o "$1" -g "$3" "$5"
  fi
  if [ -n "$8" ] && [ "$(getent shadow "$1" | cut -d: -f2)" != "$8" ]; then
    usermod --password "$8" "$1"
  fi
}

# The membership of root is Debian's own; every other declared user has exactly these groups.
update_groups() {
  [ "$1" != root ] || return 0
  have=$(id -Gn "$1" | tr ' ' '\n' | grep -vxF "$(id -gn "$1")" | sort | tr '\n' , || true)
  want=$(printf %s "$2" | tr , '\n' | sed 's/$/\n/' | grep . | sort | tr '\n' , || true)
  [ "$have" = "$want" ] || usermod --groups "$2" "$1"
}

remove_undeclared() {
  [ -e "$declared" ] || return 0
  while IFS= read -r name; do
    case "
$names" in
    *"
$name
"*) ;;
    *) ! getent passwd "$name" >/dev/null || userdel --force "$name" 2>/dev/null ;;
    esac
  done <"$declared"
}

main "$@"
