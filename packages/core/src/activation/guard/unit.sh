# The systemd unit of a deployment. One of its own outlives the connection, sshd and dbus. When its main process dies,
# recover puts things right; SIGKILL for what it leaves behind, so that a hanging activation cannot keep its lock; and time
# enough for a slow rollback.

# Starts verb $1 of deployment $id in its unit.
start_unit() {
  self=$(readlink -f "$0")
  problem=$(systemd-run --quiet --collect --unit="$(unit_of "$id")" --description="guarded activation of $to" \
    --property=Type=exec --property=KillSignal=SIGKILL --property=TimeoutStopSec="$(stop_timeout)" \
    --property="ExecStopPost=/bin/sh $self recover $id" --property=OOMScoreAdjust=-900 \
    --setenv=PATH="$PATH" --setenv=HOME=/root \
    /bin/sh "$self" "$1" "$id" 2>&1)
}

# systemd looks for units here, too, and NixOS leaves the place alone: the deployment goes on after the reboot even when
# nobody asks for it, and before anybody can. On a host that forgets its /etc, the controller's first question starts it.
attach_unit() {
  mkdir -p "$ATTACHED/multi-user.target.wants" && cat >"$ATTACHED/$(unit_of "$id")" <<END &&
[Unit]
Description=guarded activation of $to
Before=sshd.service sshd.socket
CollectMode=inactive-or-failed

[Service]
Type=exec
Environment=PATH=$PATH HOME=/root
ExecStart=/bin/sh $(readlink -f "$0") resume $id
ExecStopPost=/bin/sh $(readlink -f "$0") recover $id
KillSignal=SIGKILL
TimeoutStopSec=$(stop_timeout)
OOMScoreAdjust=-900
END
    ln -sfn "../$(unit_of "$id")" "$ATTACHED/multi-user.target.wants/$(unit_of "$id")" && sync -f "$ATTACHED"
}

# systemd lets go of a unit that nothing wants, also of a failed one, as long as it has read that it shall: so its file goes
# last.
detach_unit() {
  [ -e "$ATTACHED/$(unit_of "$id")" ] || return 0
  rm -f "$ATTACHED/multi-user.target.wants/$(unit_of "$id")"
  rmdir "$ATTACHED/multi-user.target.wants" 2>/dev/null
  systemctl daemon-reload
  rm -f "$ATTACHED/$(unit_of "$id")"
  rmdir "$ATTACHED" 2>/dev/null
}

readonly ATTACHED=/etc/systemd/system.attached

unit_of() { printf 'homelab-activate-%s.service\n' "$1"; }

stop_timeout() { echo $((activation_timeout * 2 + 900)); }

unit_state() {
  case $(systemctl show --property=ActiveState --value "$(unit_of "$id")" 2>/dev/null) in
    active | activating | deactivating | reloading) echo there ;;
    *) echo gone ;;
  esac
}

# The deployment that is under way, if any.
lock_holder() {
  holder_id=$(readlink "$RUN/lock" 2>/dev/null) || return
  [ -z "$(outcome_of "$holder_id")" ] || return
  [ "$(id=$holder_id && unit_state)" = there ] && printf '%s\n' "$holder_id"
}

release() {
  [ "$(readlink "$RUN/lock" 2>/dev/null)" = "$id" ] && rm -f "$RUN/lock"
  rm -rf "${RUN:?}/${id:?}"
}
