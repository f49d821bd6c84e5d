# restricted: what a host answers to a deployer that is not root. Valid in the store proves nothing there: whoever can speak
# to Nix may add paths that are addressed by their content, and a cache of everybody signs much that nobody meant to run.

restricted() { [ -n "${HOMELAB_RESTRICTED_KEYS-}" ]; }

need_unrestricted() { ! restricted || fail refused 'only the supervisor of a deployment may do this'; }

# Whether this host may be switched to the system $1: everywhere to any; where it is restricted, to a generation that it
# had before, and to what one of its own keys has signed. Says why not in $problem.
is_allowed_system() {
  restricted || return 0
  is_generation "$1" && return
  problem="it is no earlier generation of this host, and it is addressed by its content, so that no signature stands for it: $1"
  is_addressed_by_input "$1" || return
  problem="it is no earlier generation of this host, and none of the keys in homelab.users.deploy.trustedKeys has signed it: $1"
  is_signed "$1"
}

is_generation() {
  for link in "$PROFILE"-*-link; do
    [ "$(target "$link")" = "$1" ] && return
  done
  return 1
}

# Nix takes a path that is addressed by its content for trusted, whoever made it. Newer versions tell the address as an
# object: all but a plain null is one.
is_addressed_by_input() {
  described=$(nix_asked path-info --json "$1" 2>/dev/null | tr -d '[:space:]' | sed 's/"ca":null//g')
  case $described in
    *'"ca":'*) return 1 ;;
    *'"narHash":'*) ;;
    *) return 1 ;;
  esac
}

# The host's other keys do not count: not those of its caches, and not its own, which signs whatever is built here.
is_signed() {
  nix_asked store verify --no-contents --sigs-needed 1 \
    --option trusted-public-keys "$HOMELAB_RESTRICTED_KEYS" --option secret-key-files '' "$1" >/dev/null 2>&1
}

nix_asked() { timeout --kill-after=5 20 nix --extra-experimental-features nix-command --offline --option substituters '' "$@"; }

# Whether this host runs the health check that split_check has read: where it is restricted, none that is a command, and
# none that tells a deployer which files root has. Says why not in $problem.
is_allowed_check() {
  restricted || return 0
  case $type in
    command)
      problem="this host runs no commands of its deployers: $line; make it a unit of the system"
      return 1
      ;;
    disk)
      problem="this host tells its deployers of mount points alone: ${argument#* }"
      grep -qF -- " ${argument#* } " /proc/self/mounts
      ;;
  esac
}

# Reads store paths, a line each; prints those that this host does not have.
missing() {
  paths=$(cat)
  [ -n "$paths" ] || return 0
  wrong=$(printf '%s\n' "$paths" | grep -vx -- "$STORE_PATH" | sed -n 1p)
  [ -z "$wrong" ] || fail invalid-input "not a store path: $wrong" || return
  printf '%s\n' "$paths" | {
    set --
    while read -r path; do
      set -- "$@" "$path"
      [ "$#" -lt 500 ] || { print_invalid "$@" && set --; } || exit
    done
    [ "$#" = 0 ] || print_invalid "$@"
  } || fail refused 'the store of this host did not answer'
}

print_invalid() { timeout --kill-after=5 60 nix-store --check-validity --print-invalid "$@" 2>/dev/null; }

# Speaks Nix's own protocol on standard input and output, so that closures can be copied here: as for a user whom nobody
# trusts, whoever asks, so that a path comes in only with a signature or by its content. And nothing can be built: a build
# is a program of the deployer's choice, with the host's network where its output is fixed. Nix has no switch for that, but
# it builds only as a member of this group, and says its name.
store() {
  restricted || fail refused 'this host is not restricted: use nix-daemon --stdio' || return
  export NIX_CONFIG='
    store = local
    extra-experimental-features = daemon-trust-override auto-allocate-uids
    build-users-group = nothing-is-built-for-a-deploy-user
    auto-allocate-uids = false
    builders =
    require-sigs = true
  '
  exec nix-daemon --stdio --force-untrusted
}
