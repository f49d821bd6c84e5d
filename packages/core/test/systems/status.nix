# What an activation can end in.
{ marked, oneshot }:
let
  # Up for a moment, then down.
  flapping.systemd.services.flapping = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      ExecStart = "/bin/sh -c 'sleep 0.3; echo down again; exit 1'";
      Restart = "always";
      RestartSec = 1;
      StartLimitIntervalSec = 0;
    };
  };
  listener.systemd.services.homelab-deploy-listener = flapping.systemd.services.flapping;
in
{
  inherit listener;
  killed-listener = oneshot "/bin/sh -c 'systemctl kill --signal=KILL homelab-deploy-listener'";
  # A snippet of the activation fails; the units are handled all the same.
  broken-snippet.system.activationScripts.broken = "false";
  # Refuses to be activated, before anything changes.
  refusing.system.preSwitchChecks.refuse = "if [ $2 = test ]; then echo not on this host; false; fi";
  # A unit that fails again and again, alone and beside another change.
  inherit flapping;
  flapping-two.imports = [
    flapping
    (marked "two")
  ];
  # Says more than anybody wants to keep.
  noisy.system.activationScripts.noise = "for i in $(seq 1 60000); do echo \"line $i of very many that nobody will ever read\"; done";
  # Has another interface to its init: only a reboot leads there.
  other-init.system.initInterfaceVersion = "systemd 3";
  # The activation does not end.
  hanging.system.activationScripts.hang = "sleep 300";
  # Cannot be put back: says no when it is activated again.
  stubborn.system.preSwitchChecks.stubborn = "if [ $2 = test ] && [ -e /var/lib/stubborn ]; then false; fi";
  # Takes a unit along that nothing wants, so that going back has no reason of its own to start it.
  stopping = oneshot "/bin/sh -c 'systemctl stop by-hand; exit 1'";
}
