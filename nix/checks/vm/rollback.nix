# Whatever goes wrong before the commit, the host runs and boots what it ran before.
{ packages, ... }:
{
  nodes.host = {
    virtualisation.useBootLoader = true;
    virtualisation.useEFIBoot = true;
    boot.loader.systemd-boot.enable = true;
    environment.systemPackages = [ packages.homelab-activate ];
    specialisation = {
      next.configuration.environment.etc.marker.text = "next";
      broken.configuration.systemd.services.broken = {
        wantedBy = [ "multi-user.target" ];
        serviceConfig.Type = "oneshot";
        script = "exit 1";
      };
    };
  };

  testScript = builtins.readFile ./guard.py + ''
    guard = guard_of(host)
    host.wait_for_unit("multi-user.target")
    old = host.succeed("readlink -f /run/current-system").strip()
    host.succeed(f"nix-env -p /nix/var/nix/profiles/system --set {old}")
    next_system = system_of(host, "next")
    broken = system_of(host, "broken")


    def runs_and_boots_the_old_system():
        status = inspect(guard)
        assert (status["running"], status["profile"]) == (old, old), status
        host.fail("test -e /etc/marker")


    with subtest("a unit that newly fails"):
        id, token = begin(guard, broken)
        result, reason = outcome(guard, id)
        assert result == "rolled-back" and "broken.service" in reason, (result, reason)
        runs_and_boots_the_old_system()

    with subtest("nobody confirms"):
        id, token = begin(guard, next_system, confirmTimeout=5)
        assert outcome(guard, id)[0] == "rolled-back"
        runs_and_boots_the_old_system()

    with subtest("another token does not confirm"):
        id, token = begin(guard, next_system, confirmTimeout=20)
        wait_for_phase(host, id, "waiting")
        host.fail(f"echo {'0' * 32} | homelab-activate confirm {id}")
        assert outcome(guard, id)[0] == "rolled-back"
        runs_and_boots_the_old_system()

    with subtest("the supervisor is killed"):
        id, token = begin(guard, next_system)
        wait_for_phase(host, id, "waiting")
        host.succeed(f"systemctl kill --signal=KILL homelab-activate-{id}.service")
        assert outcome(guard, id)[0] == "rolled-back"
        runs_and_boots_the_old_system()

    with subtest("the power fails before the commit"):
        id, token = begin(guard, next_system)
        wait_for_phase(host, id, "waiting")
        host.succeed("sync")
        host.crash()
        host.start()
        host.wait_for_unit("multi-user.target")
        runs_and_boots_the_old_system()
        assert outcome(guard, id)[0] == "rolled-back"
  '';
}
