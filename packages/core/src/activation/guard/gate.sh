# gate: all that a key can run whose command is forced to this. Nothing of what was asked for is ever given to a shell.

# The command that the client sent is in SSH_ORIGINAL_COMMAND: plain words, a space between two.
gate() {
  asked=${SSH_ORIGINAL_COMMAND-}
  matches "$asked" '[A-Za-z0-9/._+?=-]\{1,\}\( [A-Za-z0-9/._+?=-]\{1,\}\)*' || refuse_command || return
  case $asked in
    cat) exec cat ;;
    'nix-daemon --stdio') exec "$SUDO" -n -- "$INSTALLED" store ;;
    "sudo -n -- $INSTALLED "*) ;;
    *) refuse_command || return ;;
  esac
  set -f
  set -- ${asked#"sudo -n -- $INSTALLED "}
  is_open_to_all "$@" || refuse_command || return
  exec "$SUDO" -n -- "$INSTALLED" "$@"
}

is_open_to_all() {
  verb=$1
  shift
  case $verb in
    inspect | begin | missing) [ "$#" = 0 ] ;;
    follow | confirm | abort | history) [ "$#" -le 2 ] && are_plain "$@" ;;
    compare) [ "$#" = 1 ] && matches "$1" "$STORE_PATH" ;;
    *) return 1 ;;
  esac
}

are_plain() {
  for word in "$@"; do
    matches "$word" '[A-Za-z0-9][A-Za-z0-9-]*' || return
  done
}

refuse_command() { fail refused 'this key may deploy, and run nothing else'; }
