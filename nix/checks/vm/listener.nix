# The listener answers over NATS, refuses what it does not know, and outlives a switch.
{ packages, ... }:
let
  # For this test alone: everybody can read them here.
  seed = "SUAGJ3AF2AZVPOD7XBDUN6ANHJOREDRA2EMFEZOZYDZ7P5T5X6IVPHFWV4";
  publicKey = "UAVFZUM7VX3XTHYV456SAADTCINTILFKYE6J7P3NNEKLUHFCAEQKINTP";
in
{
  nodes = {
    server = {
      networking.firewall.allowedTCPPorts = [ 4222 ];
      services.nats = {
        enable = true;
        settings.authorization.users = [ { nkey = publicKey; } ];
      };
    };
    host = {
      environment.systemPackages = [ packages.homelab-activate ];
      services.homelab-deploy.listener = {
        enable = true;
        tier = "test";
        role = "web";
        natsUrl = "nats://server:4222";
        nkeyFile = "/var/lib/listener.nkey";
        flakeUrl = "git+file:///var/lib/configuration";
      };
      specialisation.next.configuration.services.homelab-deploy.listener.environment.CHANGED = "1";
    };
  };

  testScript = builtins.readFile ./guard.py + ''
    start_all()
    guard = guard_of(host)
    server.wait_for_unit("nats.service")
    server.wait_for_open_port(4222)
    server.succeed("(umask 077; echo ${seed} >/root/nkey)")
    host.succeed("(umask 077; echo ${seed} >/var/lib/listener.nkey)")
    host.wait_for_unit("homelab-deploy-listener.service")
    login = "--nats-url nats://localhost:4222 --nkey-file /root/nkey"


    def listening():
        return json.loads(server.succeed(f"homelab-deploy hosts {login} --json"))


    def main_process():
        return host.succeed("systemctl show --property MainPID homelab-deploy-listener.service")


    with subtest("it tells of itself"):
        server.wait_until_succeeds(f"homelab-deploy hosts {login} | grep host")
        [found] = listening()
        assert (found["hostname"], found["tier"], found["role"]) == ("host", "test", "web"), found
        assert "deploy.test.all" in found["deploy_subjects"], found

    with subtest("it deploys no revision that is not there"):
        answer = json.loads(
            server.fail(f"homelab-deploy deploy deploy.test.host {login} --branch none --json")
        )
        assert [host["hostname"] for host in answer["hosts"]] == ["host"], answer
        assert not answer["completed"], answer

    with subtest("it outlives a switch that changes its unit"):
        before = main_process().strip()
        id, token = begin(guard, system_of(host, "next"))
        wait_for_phase(host, id, "waiting")
        assert main_process().strip() == before
        confirm(guard, id, token)
        assert outcome(guard, id)[0] == "committed"
        host.succeed("systemctl cat homelab-deploy-listener.service | grep CHANGED")

    with subtest("it is restarted when that is over"):
        host.wait_until_fails(
            f"systemctl show --property MainPID homelab-deploy-listener.service | grep -x {before}"
        )
        server.wait_until_succeeds(f"homelab-deploy hosts {login} | grep host")
  '';
}
