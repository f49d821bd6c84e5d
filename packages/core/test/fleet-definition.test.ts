import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "./deploy-user/site.ts";

const checkout = join(import.meta.dirname, "../../..");
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0IXR2pBHcZ0R5kQ1lWZ1RQq6LbQYq3bVn8yF2m0G7X";
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fleet-definition-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** Asks Nix for the expression `asked`, which sees as `fleet` what the text of a module makes, and its `hosts`. */
async function evaluated(module: string, asked: string) {
  await writeFile(join(directory, "fleet.nix"), module);
  const file = join(directory, "asked.nix");
  await writeFile(
    file,
    `let
      lib = import ${checkout}/packages/testbed/nixpkgs/lib;
      base = {
        defaults = {
          nixpkgs.hostPlatform = "x86_64-linux";
          boot.loader.systemd-boot.enable = true;
          users.users = { alice.isNormalUser = true; backup.isNormalUser = true; };
        };
        hosts = lib.genAttrs [ "host1" "host2" "host3" ] (_: { });
      };
      fleet = import ${checkout}/nix/lib/mk-fleet.nix {
        nixpkgs = { inherit lib; };
        modules = [ ./fleet.nix base ];
      };
      hosts = builtins.mapAttrs (_: host: host.config) fleet.nixosConfigurations;
      toplevel = name: builtins.unsafeDiscardStringContext hosts.\${name}.system.build.toplevel.drvPath;
    in ${asked}`,
  );
  return run(["nix-instantiate", "--eval", "--strict", "--json", file]);
}
const value = async (module: string, asked: string) => JSON.parse((await evaluated(module, asked)).stdout);

const toplevels = `map toplevel [ "host1" "host2" "host3" ]`;

/** What Nix says of all hosts. */
const told = async (module: string) => (await evaluated(module, toplevels)).text.replaceAll(directory, "DIR");

const member = (address: string) =>
  `subnetIp = "${address}"; wireguard = { publicKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="; privateKeyFile = "/key"; };`;
const network = (rest: string, server = `node = "host1"; ${member("10.0.0.1")}`) =>
  `{ vpn.networks.home = { subnet = "10.0.0.0/24"; server = { ${server} }; ${rest} }; }`;

describe("a fleet", () => {
  it("is ordinary NixOS configurations, each called as it is there, that know it", async () => {
    const module = `{
      hosts.host1 = { name, fleet, ... }: { environment.etc.x.text = name + toString (builtins.attrNames fleet.hosts); };
      hosts.host2.networking.hostName = "other";
    }`;
    expect(
      await value(
        module,
        "[ hosts.host1.environment.etc.x.text (map (h: h.networking.hostName) (builtins.attrValues hosts)) ]",
      ),
    ).toEqual(["host1host1 host2 host3", ["host1", "other", "host3"]]);
  });

  it("evaluates one host without any other one", async () => {
    const others = Array.from(
      { length: 20 },
      (_, index) => `other${index} = _: throw "other${index} is evaluated";`,
    );
    const module = `{
      hosts = { ${others.join(" ")} };
      addresses = { other1 = "10.0.0.1"; host1 = "10.0.0.2"; };
      ssh.access = { other1.hostKeys.a = "${key}"; host1.keys.alice = { publicKey = "${key}"; hasAccessTo.other1.root = true; }; };
      dns.zones."home.arpa" = { primary = "host1"; secondaries = [ "other1" ]; };
      vpn.networks.home = { subnet = "10.1.0.0/24"; server = { node = "other1"; ${member("10.1.0.1")} }; clients.host1 = { ${member("10.1.0.2")} }; };
    }`;
    expect(await value(module, `toplevel "host1"`)).toMatch(/nixos-system-host1/);
    expect((await evaluated(module, `toplevel "other1"`)).text).toContain("other1 is evaluated");
  });

  it("has what modules of it write into hosts, and what they ask of hosts", async () => {
    const module = `{ nixosConfigurations, ... }: {
      hosts.host1.environment.etc.x.text = "one";
      hosts.host2.environment.etc.x.text = nixosConfigurations.host1.config.environment.etc.x.text + " and two";
    }`;
    expect(await value(module, "hosts.host2.environment.etc.x.text")).toBe("one and two");
  });

  it("tells every host where the others are", async () => {
    const module = `{ addresses = { host1 = "10.0.0.1"; host2 = [ "10.0.0.2" "fd00::2" ]; host3 = "10.0.0.1"; }; }`;
    expect(
      await value(
        module,
        `map (h: removeAttrs h.networking.hosts [ "127.0.0.2" ]) (with hosts; [ host1 host2 ])`,
      ),
    ).toEqual([
      { "10.0.0.1": ["host3"], "10.0.0.2": ["host2"], "fd00::2": ["host2"] },
      { "10.0.0.1": ["host1", "host3"] },
    ]);
  });
});

describe("the definitions of nixus' documentation", () => {
  const pasted = `{
ssh.access.host1.keys.someHost1User.publicKey = "${key} user";
ssh.access.host2.hostKeys.ed25519 = "${key}";
hosts.host1.users.users.someHost1User.isNormalUser = true;
hosts.host2.users.users.someHost2User.isNormalUser = true;

ssh.access.host1.keys.someHost1User.hasAccessTo.host2.someHost2User = true;

vpn.networks.network1 = {
backend = "wireguard";
subnet = "10.0.0.0/24";
server = {
node = "host1";
subnetIp = "10.0.0.1";
wireguard.publicKey = "...";
wireguard.privateKeyFile = "/...";
};
clients.host2 = {
subnetIp = "10.0.0.2";
wireguard.publicKey = "...";
wireguard.privateKeyFile = "/...";
};
clients.host3 = {
subnetIp = "10.0.0.3";
wireguard.publicKey = "...";
wireguard.privateKeyFile = "/...";
};
};
}`;

  it("evaluate as they are", async () => {
    expect(await value(pasted, toplevels)).toHaveLength(3);
    expect(await value(pasted, "hosts.host2.warnings")).toEqual([
      'vpn.networks.network1: "..." is no public key of WireGuard, and host2 will not be reached. `wg pubkey` prints one.',
    ]);
  });

  it("give nobody access where it is false", async () => {
    const module = `{ imports = [ (${pasted}) ]; ssh.access.host1.keys.someHost1User.hasAccessTo.host3.alice = false; }`;
    expect(await value(module, "hosts.host3.users.users.alice.openssh.authorizedKeys.keys")).toEqual([]);
  });

  it("give one user access, and make the other host known", async () => {
    const asked = `{
      keys = map (h: h.users.users.someHost2User.openssh.authorizedKeys.keys or [ ]) (builtins.attrValues hosts);
      known = map (h: h.environment.etc."ssh/ssh_known_hosts".text) (builtins.attrValues hosts);
    }`;
    expect(await value(pasted, asked)).toEqual({
      keys: [[], [`${key} user`], []],
      known: [`host2,10.0.0.2 ${key}\n`, "\n", "\n"],
    });
  });

  it("connect clients to the server, which passes on", async () => {
    const asked = `map (h: {
      inherit (h.networking.wireguard.interfaces.network1) ips listenPort;
      peers = map (p: [ p.name p.allowedIPs p.endpoint p.persistentKeepalive ]) h.networking.wireguard.interfaces.network1.peers;
      ports = h.networking.firewall.allowedUDPPorts;
      sysctl = h.boot.kernel.sysctl;
    }) (with hosts; [ host1 host2 ])`;
    expect(await value(pasted, asked)).toEqual([
      {
        ips: ["10.0.0.1/24"],
        listenPort: 51820,
        peers: [
          ["host2", ["10.0.0.2/32"], null, null],
          ["host3", ["10.0.0.3/32"], null, null],
        ],
        ports: [51820],
        sysctl: { "net.ipv4.conf.network1.forwarding": true },
      },
      {
        ips: ["10.0.0.2/24"],
        listenPort: null,
        peers: [["host1", ["10.0.0.0/24"], "host1:51820", 25]],
        ports: [],
        sysctl: {},
      },
    ]);
  });
});

it("in a mesh two hosts talk directly where one can be reached, and else through the server", async () => {
  const clients = `topology = "mesh";
    clients = {
      host2 = { endpoint = "fd00::2"; port = 4000; ${member("10.0.0.2")} };
      host3 = { ${member("10.0.0.3")} };
      host4 = { ${member("10.0.0.4")} };
    };`;
  const module = `{ hosts.host4 = { }; addresses.host1 = "192.0.2.1"; imports = [ ${network(clients)} ]; }`;
  const asked = `builtins.mapAttrs (_: h: map (p: [ p.name p.allowedIPs p.endpoint p.persistentKeepalive ])
    h.networking.wireguard.interfaces.home.peers) { inherit (hosts) host2 host3; }`;
  expect(await value(module, asked)).toEqual({
    host2: [
      ["host1", ["10.0.0.1/32"], "192.0.2.1:51820", null],
      ["host3", ["10.0.0.3/32"], null, null],
      ["host4", ["10.0.0.4/32"], null, null],
    ],
    host3: [
      ["host1", ["10.0.0.1/32", "10.0.0.4/32"], "192.0.2.1:51820", 25],
      ["host2", ["10.0.0.2/32"], "[fd00::2]:4000", 25],
    ],
  });
});

describe("a zone", () => {
  const zone = `
    addresses = { host1 = [ "192.0.2.1" "fd00::1" ]; host2 = "192.0.2.2"; };
    dns.zones."example.org" = { primary = "host1"; secondaries = [ "host2" ]; soa.email = "first.last@example.org"; };
    dns.zones."sub.example.org" = { primary = "host2"; nameServers = [ "ns.example.net" ]; soa.serial = 7; ttl = 60; };`;

  it("has its records of every type, wherever they are defined", async () => {
    const module = `{ ${zone}
      imports = [ { dns.records."example.org".MX = [ { preference = 5; exchange = "mail.example.net"; } ]; } ];
      dns.records = {
        "example.org" = { MX = "Mail.example.org."; TXT = [ "a \\"b\\" \\\\" ]; CAA = { critical = true; tag = "issuewild"; value = ";"; }; };
        "*.example.org.".AAAA = "fd00::2";
        "_x._tcp.example.org".SRV = { port = 1; target = "example.org"; };
        "www.example.org" = { CNAME = "host1.example.org"; ttl = 5; };
        "a.sub.example.org".A = [ "192.0.2.9" "192.0.2.8" ];
        "deep.sub.example.org".NS = "host1.example.org";
      };
    }`;
    expect(
      await value(
        module,
        `[ hosts.host1.services.nsd.zones."example.org".data hosts.host2.services.nsd.zones."sub.example.org".data ]`,
      ),
    ).toEqual([
      `example.org. 3600 IN SOA host1.example.org. first\\.last.example.org. 1 3600 600 1209600 300
example.org. 3600 IN NS host1.example.org.
example.org. 3600 IN NS host2.example.org.
*.example.org. 3600 IN AAAA fd00::2
_x._tcp.example.org. 3600 IN SRV 0 0 1 example.org.
example.org. 3600 IN CAA 128 issuewild ";"
example.org. 3600 IN MX 10 mail.example.org.
example.org. 3600 IN MX 5 mail.example.net.
example.org. 3600 IN TXT "a \\"b\\" \\\\"
host1.example.org. 3600 IN A 192.0.2.1
host1.example.org. 3600 IN AAAA fd00::1
host2.example.org. 3600 IN A 192.0.2.2
www.example.org. 5 IN CNAME host1.example.org.
`,
      `sub.example.org. 60 IN SOA ns.example.net. hostmaster.sub.example.org. 7 3600 600 1209600 300
sub.example.org. 60 IN NS ns.example.net.
a.sub.example.org. 60 IN A 192.0.2.9
a.sub.example.org. 60 IN A 192.0.2.8
deep.sub.example.org. 60 IN NS host1.example.org.
`,
    ]);
  });

  it("goes from its primary to its secondaries alone", async () => {
    const asked = `map (h: removeAttrs h.services.nsd.zones."example.org" [ "data" ]) (with hosts; [ host1 host2 ])`;
    expect(await value(`{ ${zone} }`, asked)).toEqual([
      { allowNotify: [], requestXFR: [], notify: ["192.0.2.2 NOKEY"], provideXFR: ["192.0.2.2 NOKEY"] },
      {
        allowNotify: ["192.0.2.1 NOKEY", "fd00::1 NOKEY"],
        requestXFR: ["AXFR 192.0.2.1 NOKEY", "AXFR fd00::1 NOKEY"],
        notify: [],
        provideXFR: [],
      },
    ]);
    expect(await value(`{ ${zone} }`, "map (h: h.services.nsd.enable) (builtins.attrValues hosts)")).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("gets a higher serial when it changes and else keeps its own, also with a clock that goes back", async () => {
    const script = (await readFile(join(checkout, "nix/fleet/lib/zone-serial.sh"), "utf8")).replaceAll(
      "/var/lib/nsd",
      directory,
    );
    const load = async (text: string, now: number) => {
      const commands = `set -e; date() { echo ${now}; }
        mkdir -p ${directory}/zones; rm -f ${directory}/zones/z
        printf 'z. 60 IN SOA a. b. 1 3600 600 1 1\\n${text}\\n' >${directory}/zones/z
        ${script}count_serial z; cat ${directory}/zones/z`;
      return (await run(["sh", "-c", commands])).stdout.split("\n")[0];
    };
    const soa = (serial: number) => `z. 60 IN SOA a. b. ${serial} 3600 600 1 1`;
    expect(await load("first", 1000)).toBe(soa(1000));
    expect(await load("first", 2000)).toBe(soa(1000));
    expect(await load("second", 3000)).toBe(soa(3000));
    expect(await load("first", 500)).toBe(soa(3001));
    await rm(join(directory, "serials"), { recursive: true });
    expect(await load("first", 4000)).toBe(soa(4000));
  });
});

describe("an address", () => {
  const ip = `import ${checkout}/nix/fleet/lib/ip.nix { inherit lib; }`;

  it.each([
    ["10.0.0.0/24", "10.0.0.255", "10.0.1.0"],
    ["192.168.4.0/22", "192.168.7.255", "192.168.8.0"],
    ["10.0.0.129/25", "10.0.0.128", "10.0.0.127"],
    ["10.0.0.1/32", "10.0.0.1", "10.0.0.2"],
  ])("of %s may be %s, and not %s", async (subnet, inside, outside) => {
    const asked = `map ((${ip}).contains "${subnet}") [ "${inside}" "${outside}" ]`;
    expect(await value("{ }", asked)).toEqual([true, false]);
  });

  it("is one, of either kind, or none", async () => {
    const good = [
      "0.0.0.0",
      "255.255.255.255",
      "::",
      "::1",
      "fd00::",
      "1:2:3:4:5:6:7:8",
      "FE80::a:b",
      "1::3:4:5:6:7:8",
    ];
    const bad = [
      "1.2.3",
      "1.2.3.4.5",
      "01.2.3.4",
      "1.2.3.256",
      "",
      ":",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "fd00::12345",
      "g::",
    ];
    const asked = `map (${ip}).types.ip.check ${JSON.stringify([...good, ...bad]).replaceAll(",", " ")}`;
    expect(await value("{ }", asked)).toEqual([...good.map(() => true), ...bad.map(() => false)]);
  });
});

const hostsThereAre = "It has host1, host2, host3. Look at DIR/fleet.nix.";
it.each([
  [
    "access to a host that is none",
    `{ ssh.access.host1.keys.alice = { publicKey = "${key}"; hasAccessTo.typo.root = true; }; }`,
    `ssh.access.host1.keys.alice.hasAccessTo.typo: the fleet has no host typo. ${hostsThereAre}`,
  ],
  [
    "keys of a host that is none",
    `{ ssh.access.typo.hostKeys.a = "${key}"; }`,
    `ssh.access.typo: the fleet has no host typo. ${hostsThereAre}`,
  ],
  [
    "an address of a host that is none",
    `{ addresses.typo = "10.0.0.1"; }`,
    `addresses.typo: the fleet has no host typo. ${hostsThereAre}`,
  ],
  [
    "a server that is no host",
    network("", `node = "typo"; ${member("10.0.0.1")}`),
    `vpn.networks.home.server.node: the fleet has no host typo. ${hostsThereAre}`,
  ],
  [
    "a client that is no host",
    network(`clients.typo = { ${member("10.0.0.2")} };`),
    `vpn.networks.home.clients.typo: the fleet has no host typo. ${hostsThereAre}`,
  ],
  [
    "a primary that is no host",
    `{ dns.zones."home.arpa".primary = "typo"; }`,
    `dns.zones."home.arpa".primary: the fleet has no host typo. ${hostsThereAre}`,
  ],
  [
    "a secondary that is no host",
    `{ addresses.host1 = "10.0.0.1"; dns.zones."home.arpa" = { primary = "host1"; secondaries = [ "typo" ]; }; }`,
    `dns.zones."home.arpa".secondaries: the fleet has no host typo. ${hostsThereAre}`,
  ],
  [
    "access to a host whose key nobody knows",
    `{ ssh.access.host1.keys.alice = { publicKey = "${key}"; hasAccessTo.host2.backup = true; }; }`,
    "ssh.access.host2.hostKeys is empty, and host1 needs a key of host2 to know it.",
  ],
  [
    "access to a user who does not exist",
    `{ ssh.access = { host2.hostKeys.a = "${key}"; host1.keys.alice = { publicKey = "${key}"; hasAccessTo.host2.bob = true; }; }; }`,
    "ssh.access.host1.keys.alice.hasAccessTo.host2.bob: host2 has no user bob. Define users.users.bob there.",
  ],
  [
    "an address outside the subnet",
    network(`clients.host2 = { ${member("10.0.1.2")} };`),
    "vpn.networks.home.clients.host2: subnetIp 10.0.1.2 is not in the subnet 10.0.0.0/24.",
  ],
  [
    "an address twice in a subnet",
    network(`clients.host2 = { ${member("10.0.0.1")} };`),
    "vpn.networks.home: several hosts have the subnetIp 10.0.0.1. Give each its own.",
  ],
  [
    "a server that is its own client",
    network(`clients.host1 = { ${member("10.0.0.2")} };`),
    "vpn.networks.home.clients.host1 is the server of this network, too. Take it out of clients.",
  ],
  [
    "a private key that would get into the store",
    network(
      "",
      `node = "host1"; subnetIp = "10.0.0.1"; wireguard = { publicKey = ""; privateKeyFile = ./fleet.nix; };`,
    ),
    "vpn.networks.home.server.wireguard.privateKeyFile' is not of type `absolute path, as a string, outside the Nix store'",
  ],
  [
    "a record in no zone",
    `{ addresses.host1 = "10.0.0.1"; dns = { zones."home.arpa".primary = "host1"; records."a.example.org".A = "10.0.0.1"; }; }`,
    'dns.records."a.example.org": this name is in no zone of the fleet. dns.zones has home.arpa.',
  ],
  [
    "a CNAME beside something else",
    `{ addresses.host1 = "10.0.0.1"; dns = { zones."home.arpa".primary = "host1"; records."a.home.arpa" = { A = "10.0.0.1"; CNAME = "b.home.arpa"; }; }; }`,
    'dns.records."a.home.arpa": a name with a CNAME has nothing else, and is not the zone itself.',
  ],
  [
    "a name that is none",
    `{ addresses.host1 = "10.0.0.1"; dns = { zones."home.arpa".primary = "host1"; records."a b.home.arpa".A = "10.0.0.1"; }; }`,
    'dns.records."a b.home.arpa" is no domain name.',
  ],
  [
    "an address that is none",
    `{ addresses.host1 = "10.0.0.1"; dns = { zones."home.arpa".primary = "host1"; records."a.home.arpa".AAAA = "fd00:::1"; }; }`,
    "is not of type `IPv6 address'. Definition values:\n       - In `DIR/fleet.nix': \"fd00:::1\"",
  ],
  [
    "a zone whose primary is nowhere",
    `{ dns.zones."home.arpa".primary = "host1"; }`,
    "addresses.host1 is missing: host1 serves the zone home.arpa.",
  ],
  [
    "an option of a host that does not exist",
    `{ hosts.host1.services.opensh.enable = true; }`,
    "The option `services.opensh' does not exist. Definition values:\n       - In `DIR/fleet.nix, via option hosts.host1'",
  ],
])("says what is wrong, and where: %s", async (_, module, message) => {
  expect(await told(module)).toContain(message);
});
