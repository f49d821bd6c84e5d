#!/bin/sh
# Runs one test host until its power is cut (SIGTERM) or it powers itself off.
#
#   unshare --mount --propagation slave run-host.sh DIRECTORY LOWER GROUP BRIDGE LINK MAC NAME
#
# DIRECTORY holds the host's disk (upper/), its mount point (root/), and pid. LOWER are the overlay's lower
# directories. GROUP is the host's cgroup, LINK the machine's end of its cable to BRIDGE, MAC the address of its eth0.
#
# Mounts, network and processes of the host live in namespaces that only this script and its children are in: when
# they are dead, nothing is left but an empty cgroup, which is removed at the end.
set -eu

if [ "${1-}" = --inside ]; then
  shift
  inside=1
fi
cd "$1"
lower=$2 group=/sys/fs/cgroup/$3 bridge=$4 link=$5 mac=$6 name=$7
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
. "${0%/*}/boot-loader.sh"

# The machine's side: makes the namespaces, waits, cleans up.
outside() {
  echo $$ >pid
  trap cut_power TERM
  mount -t tmpfs tmpfs /run
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir -p "$group/loop" "$group/host"
  # The host's side hands one end of the cable back through this.
  exec 9</proc/self/ns/net
  (
    echo 0 >"$group/loop/cgroup.procs"
    exec setpriv --pdeathsig KILL unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0" --inside "$@"
  ) &
  while kill -0 $! 2>/dev/null; do wait $! || true; done
  until remove_group; do
    cut_power
    sleep 0.02
  done
  # The kernel removes a network namespace, and the cables into it, some time after its last process.
  ip link delete "$link" 2>/dev/null || true
  rm -f pid
}

cut_power() {
  [ ! -d "$group" ] || echo 1 >"$group/cgroup.kill" || true
}

remove_group() {
  [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
}

# The host's side: process 1 of a process namespace, whose end is the end of everything in it.
inside() {
  # Of no interest to a disk that need not survive this machine: to wait until its files are on the real one.
  rm -rf work
  mkdir -p work root
  mount -t overlay -o "lowerdir=$lower,upperdir=upper,workdir=work,volatile" overlay root
  ip link set lo up
  ip link add eth0 address "$mac" type veth peer name "$link" netns /proc/self/fd/9
  nsenter --net=/proc/self/fd/9 ip link set "$link" master "$bridge" up
  exec 9<&-
  while :; do
    ip address flush dev eth0
    ip link set eth0 down
    load_system
    echo "testbed: booting $init"
    status=0
    boot "$init" || status=$?
    echo "testbed: systemd-nspawn ended with status $status"
    # What systemd-nspawn says when the host asked for a reboot.
    [ "$status" -eq 133 ] || exit "$status"
  done
}

boot() (
  echo 0 >"$group/host/cgroup.procs"
  exec systemd-nspawn --quiet --directory=root --machine="$name" --hostname="$name" \
    --network-namespace-path=/proc/self/ns/net --capability=CAP_NET_ADMIN \
    --register=no --keep-unit --kill-signal=SIGRTMIN+3 --console=pipe \
    --resolv-conf=off --timezone=off --link-journal=no "$1"
)

if [ -n "${inside-}" ]; then inside; else outside "$@"; fi
