#!/bin/sh
# homelab-activate: all that runs on a host. It activates a NixOS system under guard: unless the controller confirms
# over a new connection that the host is still there, what ran before runs again, and until the commit the profile and
# the boot loader name what they named before. docs/activation.md tells the whole story.
#
# Needs what every NixOS has: sh, coreutils, findutils, sed, grep, procps, util-linux, systemd, nix. Everything it answers is
# JSON, a line each. Exit status 0: done; 1: refused or failed, with {"error":{"code":…,"message":…}} on standard output.

set -u
umask 022
export LC_ALL=C
PATH=/run/current-system/sw/bin:/run/wrappers/bin:${PATH:+$PATH:}/usr/sbin:/usr/bin:/sbin:/bin
export PATH

readonly PROTOCOL=1
readonly FEATURES='checks command-checks history missing reboot rescue rollback'
readonly STATE=/var/lib/homelab-deploy/deployments
readonly RUN=/run/homelab-deploy
readonly PROFILE=/nix/var/nix/profiles/system
readonly ROOTS=/nix/var/nix/gcroots/homelab-deploy
readonly STORE_PATH='/nix/store/[0-9a-z]\{32\}-[0-9A-Za-z+._?=-]\{1,211\}'
# Where the NixOS module puts this script for a user who may deploy and nothing else.
readonly INSTALLED=/run/current-system/sw/bin/homelab-activate
readonly SUDO=/run/wrappers/bin/sudo
# What the NixOS module calls the listener's unit, which no switch restarts.
readonly LISTENER=homelab-deploy-listener.service

main() {
  verb=${1-}
  [ "$#" -gt 0 ] && shift
  case $verb in
    inspect) inspect ;;
    compare) compare "${1-}" ;;
    history) history "${1-20}" ;;
    metrics) need_root && metrics ;;
    begin) need_root && begin ;;
    follow) with_deployment "${1-}" && follow "${2-0}" ;;
    confirm) need_root && with_deployment "${1-}" && confirm ;;
    abort) need_root && with_deployment "${1-}" && abort ;;
    missing) missing ;;
    gate) gate ;;
    store) need_root && store ;;
    supervise | resume | recover) need_unrestricted && need_root && with_deployment "${1-}" && "$verb" ;;
    *) fail invalid-input "unknown verb: $verb" ;;
  esac
}
