# Checking and quoting words.

newline='
'

# Whether the whole of $1, one line, is of the form $2 (a basic regular expression).
matches() {
  case $1 in *'
'*) return 1 ;; esac
  printf '%s\n' "$1" | grep -qx -- "$2"
}

printable() { printf '%s' "$1" | tr -cd '[:print:]' | cut -c1-200; }

quoted() {
  if [ -z "$1" ]; then echo '""'; else printf '%s\n' "$1" | sed "$json_text" | sed -e ':a' -e '$!N;s/\n/\\n/;ta' -e 's/^.*$/"&"/'; fi
}

quoted_lines() { sed -e "$json_text" -e 's/^.*$/"&"/'; }

json_text='s/\\/\\\\/g; s/"/\\"/g; s/	/\\t/g; s/[[:cntrl:]]//g'

join() { paste -sd , -; }

need_root() { [ "$(id -u)" = 0 ] || fail refused 'only root may do this'; }

fail() {
  printf '{"error":{"code":%s,"message":%s}}\n' "$(quoted "$1")" "$(quoted "$2")"
  return 1
}

