# Each goal on a host with a boot loader: what runs, what boots, and what a restart leads to.
{ packages, ... }:
{
  nodes.host = {
    virtualisation.useBootLoader = true;
    virtualisation.useEFIBoot = true;
    boot.loader.systemd-boot.enable = true;
    environment.systemPackages = [ packages.homelab-activate ];
    specialisation.next.configuration.environment.etc.marker.text = "next";
  };

  testScript = builtins.readFile ./guard.py + ''
    guard = guard_of(host)
    host.wait_for_unit("multi-user.target")
    old = host.succeed("readlink -f /run/current-system").strip()
    host.succeed(f"nix-env -p /nix/var/nix/profiles/system --set {old}")
    next_system = system_of(host, "next")

    with subtest("dry-activate changes nothing"):
        id, token = begin(guard, next_system, goal="dry-activate")
        assert outcome(guard, id)[0] == "dry-activated"
        assert inspect(guard)["running"] == old

    with subtest("test runs the system, and leaves what boots"):
        id, token = begin(guard, next_system, goal="test")
        wait_for_phase(host, id, "waiting")
        confirm(guard, id, token)
        assert outcome(guard, id)[0] == "activated"
        status = inspect(guard)
        assert (status["running"], status["profile"]) == (next_system, old), status
        assert host.succeed("cat /etc/marker") == "next"
        host.shutdown()
        host.start()
        host.wait_for_unit("multi-user.target")
        assert inspect(guard)["running"] == old

    with subtest("switch runs and boots the system once it is confirmed"):
        id, token = begin(guard, next_system)
        wait_for_phase(host, id, "waiting")
        assert inspect(guard)["profile"] == old
        confirm(guard, id, token)
        assert outcome(guard, id)[0] == "committed"
        status = inspect(guard)
        assert (status["running"], status["profile"]) == (next_system, next_system), status
        host.shutdown()
        host.start()
        host.wait_for_unit("multi-user.target")
        assert inspect(guard)["running"] == next_system

    with subtest("boot leaves what runs"):
        id, token = begin(guard, old, goal="boot")
        assert outcome(guard, id)[0] == "committed"
        status = inspect(guard)
        assert (status["running"], status["profile"]) == (next_system, old), status
  '';
}
