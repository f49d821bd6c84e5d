import { Resolver } from "node:dns/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type HostInfo, noHosts, Project } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fleetProgram, overrideInputs, reaching, typeScriptProject } from "./support/homelab.ts";
import { changes, mustRun } from "./support/stack.ts";
import { useHosts } from "./support/use-hosts.ts";

const nix = join(import.meta.dirname, "../../../nix");
const flake = `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  inputs.homelab-deploy = { url = "path:${nix}"; flake = false; };
  outputs = { nixpkgs, homelab-deploy, ... }: {
    inherit (import "\${homelab-deploy}/lib/mk-fleet.nix" { inherit nixpkgs; modules = [ ./fleet.nix ]; }) nixosConfigurations;
  };
}
`;

interface Keys {
  readonly alice: string;
  readonly web01: string;
  readonly dns01: string;
}

/** web01 leads to dns01 by SSH and has the VPN; dns01 has the zone, and web01 a copy of it. */
function fleetModule(hosts: readonly HostInfo[], keys: Keys, records: string): string {
  const facts = (fact: (host: HostInfo) => string) =>
    hosts.map((host) => `${host.name} = ${fact(host)};`).join(" ");
  const member = (key: string, address: string) => `
    subnetIp = "${address}";
    wireguard = { publicKey = "${key}"; privateKeyFile = "/var/lib/wireguard/home.key"; };`;
  return `{
  defaults = {
    nixpkgs.hostPlatform = "x86_64-linux";
    services.openssh.enable = true;
    boot.loader.systemd-boot.enable = true;
    system.stateVersion = "25.05";
  };
  hosts.web01.users.users = { alice.isNormalUser = true; mallory.isNormalUser = true; };
  hosts.dns01.users.users.backup.isNormalUser = true;
  addresses = { ${facts(({ address }) => `"${address}"`)} };

  ssh.access = { ${facts(({ hostKey }) => `{ hostKeys.ed25519 = "${hostKey}"; }`)} };
  imports = [ { ssh.access.web01.keys.alice = { publicKey = "${keys.alice}"; hasAccessTo.dns01.backup = true; }; } ];

  vpn.networks.home = {
    subnet = "10.100.0.0/24";
    server = { node = "web01"; ${member(keys.web01, "10.100.0.1")} };
    clients.dns01 = { ${member(keys.dns01, "10.100.0.2")} };
  };

  dns.zones."home.arpa" = { primary = "dns01"; secondaries = [ "web01" ]; };
  dns.records = { ${records} };
}
`;
}

describe.skipIf(noHosts)("a fleet from one definition, deployed by pulumi", () => {
  const { bed, hosts } = useHosts("dns01", "web01");
  let project: Project;
  let write: (records: string) => Promise<void>;

  const shell = async (host: string, script: string) => {
    const { exitCode, stdout, stderr } = await bed().exec(host, ["sh", "-c", script]);
    if (exitCode !== 0) throw new Error(`exit status ${exitCode} on ${host}: ${script}\n${stdout}${stderr}`);
    return stdout.trim();
  };
  const privateKey =
    "umask 077; mkdir -p /var/lib/wireguard; cd /var/lib/wireguard; wg genkey | tee home.key | wg pubkey";
  const resolver = (host: string) => {
    const asked = new Resolver({ timeout: 2000, tries: 3 });
    asked.setServers(hosts(host).map(({ address }) => address));
    return asked;
  };
  const serial = async (host: string) => (await resolver(host).resolveSoa("home.arpa")).serial;
  /** Until the copy on web01 is that of dns01; returns its serial. */
  const followed = async (): Promise<number> => {
    for (let left = 100; left > 0; left--) {
      const [primary, secondary] = [await serial("dns01"), await serial("web01").catch(() => 0)];
      if (primary === secondary) return primary;
      await sleep(200);
    }
    throw new Error(`web01 has serial ${await serial("web01")}, and dns01 ${await serial("dns01")}`);
  };
  const up = () => mustRun(project, ["up", "--yes", "--skip-preview"]);

  beforeAll(async () => {
    const keys = {
      alice: await shell("web01", "ssh-keygen -q -t ed25519 -N '' -f /root/alice && cat /root/alice.pub"),
      web01: await shell("web01", privateKey),
      dns01: await shell("dns01", privateKey),
    };
    project = await Project.create({
      files: { ...typeScriptProject(fleetProgram), "flake/flake.nix": flake },
      stack: "test",
      config: {
        "homelab:flake": "path:./flake",
        "homelab:overrideInputs": overrideInputs,
        ...reaching(hosts()),
      },
    });
    write = (records) => project.write({ "flake/fleet.nix": fleetModule(hosts(), keys, records) });
    await write(`"nas.home.arpa".A = "10.0.0.20";`);
    await up();
    await shell(
      "web01",
      "install -d -m 0700 -o alice -g users ~alice/.ssh && install -m 0600 -o alice -g users /root/alice ~alice/.ssh/id_ed25519",
    );
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  const ssh = (from: string, to: string) =>
    bed().exec("web01", ["runuser", "-u", from, "--", "ssh", "-o", "BatchMode=yes", to, "whoami; hostname"]);

  it.each(["dns01", "10.100.0.2"])(
    "a user logs in on another host, %s, and is asked nothing",
    async (name) => {
      expect(await ssh("alice", `backup@${name}`)).toMatchObject({ exitCode: 0, stdout: "backup\ndns01" });
    },
  );

  it("nobody else can log in there", async () => {
    expect(await ssh("mallory", "backup@dns01")).toMatchObject({ exitCode: 255 });
    expect(await ssh("alice", "root@dns01")).toMatchObject({ exitCode: 255 });
  });

  it("the VPN connects both, in units and files where NixOS has them", async () => {
    await shell("dns01", "ping -c 1 -W 10 10.100.0.1");
    expect(await shell("web01", "systemctl is-active wireguard-home wireguard-home-peer-dns01")).toBe(
      "active\nactive",
    );
    expect(Number((await shell("web01", "wg show home latest-handshakes")).split("\t")[1])).toBeGreaterThan(
      0,
    );
  });

  it("both hosts serve the zone, whose files NSD's own checks accept", async () => {
    await followed();
    for (const name of ["dns01", "web01"]) {
      expect(await resolver(name).resolve4("nas.home.arpa")).toEqual(["10.0.0.20"]);
      expect((await resolver(name).resolveNs("home.arpa")).sort()).toEqual([
        "dns01.home.arpa",
        "web01.home.arpa",
      ]);
      await shell(name, "nsd-checkzone home.arpa /var/lib/nsd/zones/home.arpa");
      await shell(name, "nsd-checkconf /etc/nsd/nsd.conf");
    }
  });

  it("a secondary follows an edit of a record, and the way back to the earlier one", async () => {
    const before = await followed();
    await write(`"nas.home.arpa".A = "10.0.0.21";`);
    await up();
    const edited = await followed();
    expect(edited).toBeGreaterThan(before);
    expect(await resolver("web01").resolve4("nas.home.arpa")).toEqual(["10.0.0.21"]);

    await write(`"nas.home.arpa".A = "10.0.0.20";`);
    await up();
    expect(await followed()).toBeGreaterThan(edited);
    expect(await resolver("web01").resolve4("nas.home.arpa")).toEqual(["10.0.0.20"]);
    expect(changes(await project.preview())).toEqual([]);
  });
});
