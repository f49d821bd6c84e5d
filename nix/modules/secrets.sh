# homelab_secret NAME KNOWN FILE HASH OWNER MODE RESTART RELOAD: gives the file its owner and mode, and asks for restarts and
# reloads when it is not what it was at the last activation since the boot. What it was is known under /run alone.
homelab_secret() {
  local name=$1 known=/run/homelab-secrets/$2 file=$3 hash=$4 owner=$5 mode=$6 restart=$7 reload=$8
  local dry='' now='' was='' failed=0
  if [ "${NIXOS_ACTION-}" = dry-activate ]; then dry=dry-; fi
  if [ -e "$known" ]; then was=$(cat "$known"); fi
  if [ -e "$file" ]; then
    now="$hash $(sha256sum <"$file")"
  else
    echo "homelab.secrets.$name: there is no $file" >&2
    # Units that work with what they have read go on.
    now=${was:-none}
  fi
  if [ -z "$dry" ]; then
    if [ -e "$file" ]; then
      [ -z "$mode" ] || chmod -- "$mode" "$file" || failed=1
      [ -z "$owner" ] || chown -- "$owner" "$file" || failed=1
    fi
    mkdir -p -m 0700 /run/homelab-secrets
    printf '%s\n' "$now" >"$known" || failed=1
  fi
  # Nothing is known at boot, when all units are still to be started.
  if [ -n "$was" ] && [ "$was" != "$now" ]; then
    homelab_ask "$restart" "/run/nixos/${dry}activation-restart-list"
    homelab_ask "$reload" "/run/nixos/${dry}activation-reload-list"
  fi
  return "$failed"
}

# switch-to-configuration does what the list says, and would start a unit that does not run.
homelab_ask() {
  local unit
  for unit in $1; do
    case $("$homelab_systemctl" show --property=ActiveState --value -- "$unit") in
    active | activating | reloading) printf '%s\n' "$unit" >>"$2" ;;
    esac
  done
}
