# A login that may deploy what is signed, and nothing else.
{ hostPkgs, ... }:
let
  # For this test alone: everybody can read them here.
  signingKey = "vm-test-1:62laqN6JW8YgTVxCcTJBVrnlXG7xpVzYH+iUJILAn9SshuGFIkTQfdIba8FVdLfNeTm14iHpynRon4GJ8zqr9A==";
  trustedKey = "vm-test-1:rIbhhSJE0H3SG2vBVXS3zXk5teIh6cp0aJ+BifM6q/Q=";
  sshKeys = import (hostPkgs.path + "/nixos/tests/ssh-keys.nix") hostPkgs;
in
{
  nodes = {
    host = {
      services.openssh.enable = true;
      homelab.users.deploy = {
        enable = true;
        keys = [ sshKeys.snakeOilEd25519PublicKey ];
        trustedKeys = [ trustedKey ];
      };
      specialisation.next.configuration.environment.etc.marker.text = "next";
    };
    controller = {
      environment.etc."deploy-key" = {
        source = sshKeys.snakeOilEd25519PrivateKey;
        mode = "0400";
      };
    };
  };

  testScript = builtins.readFile ./guard.py + ''
    start_all()
    host.wait_for_unit("sshd.service")
    controller.wait_for_unit("multi-user.target")
    host.wait_for_open_port(22)
    next_system = system_of(host, "next")
    installed = "/run/current-system/sw/bin/homelab-activate"
    options = "-i /etc/deploy-key -o StrictHostKeyChecking=accept-new"
    ssh = f"ssh {options} deploy@host"
    guard = guard_of(controller, f"{ssh} sudo -n -- {installed}")

    with subtest("the key opens no shell"):
        controller.fail(f"{ssh} id")
        controller.fail(f"{ssh} sudo -n -- id")
        controller.fail(f"{ssh} sudo -n -- {installed} supervise x")
        controller.fail(f"scp {options} deploy@host:/etc/hostname /tmp/")

    with subtest("it looks at the host"):
        status = inspect(guard)
        assert status["restricted"] is True, status

    with subtest("it activates no system without a signature"):
        old = status["running"]
        refused = controller.fail(
            f"printf 'id=unsigned-1\ntoken=0123456789abcdef\nto={next_system}\ngoal=switch\n"
            f"confirmTimeout=30\nactivationTimeout=300\n' | {ssh} sudo -n -- {installed} begin"
        )
        assert "signed" in refused, refused
        assert inspect(guard)["running"] == old

    with subtest("it activates one that a trusted key has signed"):
        host.succeed("(umask 077; echo ${signingKey} >/root/signing-key)")
        host.succeed(
            "nix --extra-experimental-features nix-command store sign"
            f" --recursive --key-file /root/signing-key {next_system}"
        )
        id, token = begin(guard, next_system)
        wait_for_phase(host, id, "waiting")
        confirm(guard, id, token)
        assert outcome(guard, id)[0] == "committed"
        assert inspect(guard)["running"] == next_system
  '';
}
