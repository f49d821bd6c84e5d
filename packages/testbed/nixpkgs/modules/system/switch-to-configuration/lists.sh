# Lists are files in $work, one unit a line.

# setting FILE NAME DEFAULT: the last value of a setting in a unit file.
setting() {
  value=$(sed -n "s/^$2=//p" "$1" | tail -n 1)
  echo "${value:-${3-}}"
}

# control VERB LIST
control() {
  [ ! -s "$work/$2" ] || sort -u "$work/$2" | xargs -d '\n' systemctl "$1" -- >&2
}

# add LIST UNIT. Names of units may have backslashes, which `echo` would interpret.
add() { printf '%s\n' "$2" >>"$work/$1"; }

# tell MESSAGE LIST: names the units of a list, if there are any.
tell() {
  [ ! -s "$work/$2" ] || say "$1$(sort -u "$work/$2" | tr '\n' , | sed 's/,$//; s/,/, /g')"
}

say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE [STATUS]
fail() {
  say "$1"
  exit "${2-1}"
}
