import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBuilder, deploy, evaluateFleet } from "../src/index.ts";
import { run } from "./deploy-user/site.ts";

const checkout = join(import.meta.dirname, "../../..");
const key = "cache.example.org-1:dR0fuNBWkTZIqGGT7ZRDv0G5G0eYrgLZ6RRyzdRS0bY=";

// As the documentation of the first listener has it, but for the package, which a test host has not.
const listener = `services.homelab-deploy.listener = {
  enable = true;
  tier = "prod";
  role = "dns";
  natsUrl = "nats://nats.example.com:4222";
  nkeyFile = "/run/secrets/homelab-deploy-nkey";
  flakeUrl = "git+https://git.example.com/user/nixos-configs.git";
  package = pkgs.homelab-deploy or pkgs.busybox;
};`;
const cache = `homelab.services.harmonia = { enable = true; domain = "cache.example.org"; acme = true; };
security.acme.acceptTerms = true;`;
const nixCache = `homelab.nixCache = {
  enable = true;
  urls = [ "https://cache.example.org" "https://other.example.org" ];
  publicKeys = [ "${key}" ];
};`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "homelab-modules-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const system = (modules: string) => `let
  lib = import ${checkout}/packages/testbed/nixpkgs/lib;
  host = module: lib.nixosSystem {
    system = "x86_64-linux";
    modules = [
      ${checkout}/nix/modules
      { services.openssh.enable = true; boot.loader.systemd-boot.enable = true; }
      module
    ];
  };
in ${modules}`;

// Of a host with the settings `given` the value of the Nix expression `asked`, or why there is none.
async function evaluated(given: string, asked: string) {
  const file = join(directory, "host.nix");
  await writeFile(file, system(`let inherit (host ({ lib, pkgs, ... }: { ${given} })) config; in ${asked}`));
  return run(["nix-instantiate", "--eval", "--strict", "--json", file]);
}
const value = async (given: string, asked: string) => {
  const { exitCode, stdout, text } = await evaluated(given, asked);
  expect(exitCode, text).toBe(0);
  return JSON.parse(stdout);
};

describe("services.homelab-deploy.listener", () => {
  const script = "config.systemd.services.homelab-deploy-listener.script";
  const flagsOf = async (given: string): Promise<string[]> =>
    (await value(given, script)).replaceAll("\\\n", "").trim().split(/\s+/);

  it("hands its options on as the flags of the command, and the key as a credential", async () => {
    const words = await flagsOf(listener);
    expect(words.slice(0, 2)).toEqual(["exec", expect.stringMatching(/\/bin\/homelab-deploy$/)]);
    expect(words.slice(2)).toEqual(
      ["listener", "--nkey-file", `"$CREDENTIALS_DIRECTORY/nkey"`, "--hostname", "nixos", "--tier", "prod"]
        .concat(["--nats-url", "nats://nats.example.com:4222"])
        .concat(["--flake-url", "git+https://git.example.com/user/nixos-configs.git"])
        .concat(["--role", "dns", "--timeout", "600"])
        .concat(["--deploy-subject", "'deploy.<tier>.<hostname>'", "--deploy-subject", "'deploy.<tier>.all'"])
        .concat(["--deploy-subject", "'deploy.<tier>.role.<role>'", "--discover-subject", "deploy.discover"]),
    );
  });

  it("has a file with certificates, wherever it is, and the keys of those who may ask", async () => {
    const key = "UAVFZUM7VX3XTHYV456SAADTCINTILFKYE6J7P3NNEKLUHFCAEQKINTP";
    const more = `enable = true; tlsCaFile = ${checkout}/package.json; trustedKeys = [ "${key}" ];`;
    const words = await flagsOf(listener.replace("enable = true;", more));
    const after = (flag: string) => words[words.indexOf(flag) + 1];
    expect(after("--tls-ca-file")).toMatch(/^\/nix\/store\/[^/]*package\.json$/);
    expect(after("--trusted-key")).toBe(key);
  });

  it("hands a credentials file on as one", async () => {
    const given = listener.replace("nkeyFile", "credentialsFile");
    expect((await flagsOf(given)).slice(3, 5)).toEqual([
      "--credentials-file",
      `"$CREDENTIALS_DIRECTORY/credentials"`,
    ]);
    const unit = "config.systemd.services.homelab-deploy-listener.serviceConfig.LoadCredential";
    expect(await value(given, unit)).toBe("credentials:/run/secrets/homelab-deploy-nkey");
  });

  it.each([
    ["no login", listener.replace(/nkeyFile = .*/, ""), "either an nkeyFile or a credentialsFile"],
    [
      "two logins",
      listener.replace("enable = true;", 'enable = true; credentialsFile = "/run/creds";'),
      "either an nkeyFile or a credentialsFile",
    ],
    ["no tier", listener.replace(/tier = .*/, ""), "services.homelab-deploy.listener.tier"],
    [
      "a tier that nobody knows",
      listener.replace('"prod"', '"prd"'),
      "services.homelab-deploy.listener.tier",
    ],
    [
      "a trusted key that is a secret one",
      listener.replace(
        "enable = true;",
        'enable = true; trustedKeys = [ "SUAGJ3AF2AZVPOD7XBDUN6ANHJOREDRA2EMFEZOZYDZ7P5T5X6IVPHFWV4" ];',
      ),
      "services.homelab-deploy.listener.trustedKeys",
    ],
    [
      "a key that Nix would copy into the store",
      listener.replace(/nkeyFile = .*/, `nkeyFile = ${checkout}/package.json;`),
      "services.homelab-deploy.listener.nkeyFile",
    ],
    [
      "a key that is in the store",
      listener.replace(/nkeyFile = .*/, `nkeyFile = "\${${checkout}/package.json}";`),
      "services.homelab-deploy.listener.nkeyFile is /nix/store/",
    ],
  ])("refuses %s", async (_title, given, message) => {
    const { exitCode, text } = await evaluated(given, "config.system.build.toplevel.drvPath");
    expect(exitCode).not.toBe(0);
    expect(text).toContain(message);
  });
});

describe("homelab.nixCache", () => {
  it("has hosts ask the caches and trust their keys, and not wait for one that is gone", async () => {
    expect(await value(nixCache, "config.nix.settings")).toMatchObject({
      substituters: ["https://cache.example.org", "https://other.example.org"],
      "trusted-public-keys": [key],
      fallback: true,
      "connect-timeout": 5,
    });
  });

  it("does not have the cache ask itself", async () =>
    expect(await value(nixCache + cache, "config.nix.settings.substituters")).toEqual([
      "https://other.example.org",
    ]));

  it.each([
    ["no cache", "homelab.nixCache.urls = lib.mkForce [ ];", "homelab.nixCache.urls is empty"],
    ["no key", "homelab.nixCache.publicKeys = lib.mkForce [ ];", "homelab.nixCache.publicKeys is empty"],
    ["a cache that is none", 'homelab.nixCache.urls = [ "cache.example.org" ];', "homelab.nixCache.urls"],
  ])("refuses %s", async (_title, given, message) => {
    const { exitCode, text } = await evaluated(
      `imports = [ { ${nixCache} } ]; ${given}`,
      "config.system.build.toplevel.drvPath",
    );
    expect(exitCode).not.toBe(0);
    expect(text).toContain(message);
  });
});

describe("homelab.services.harmonia", () => {
  it("signs with the key that is given or made, for nginx alone, which has TLS", async () => {
    const asked = `{
      inherit (config.services.harmonia) enable signKeyPaths settings;
      site = { inherit (config.services.nginx.virtualHosts."cache.example.org") forceSSL enableACME; };
      proxy = config.services.nginx.virtualHosts."cache.example.org".locations."/".proxyPass;
      ports = lib.remove 22 config.networking.firewall.allowedTCPPorts;
    }`;
    const made = await value(cache, asked);
    expect(made).toMatchObject({
      enable: true,
      signKeyPaths: ["/var/lib/harmonia-signing-key/secret/key"],
      settings: { bind: "127.0.0.1:5000" },
      site: { forceSSL: true, enableACME: true },
      proxy: "http://127.0.0.1:5000",
      ports: [],
    });
    const given = `homelab.services.harmonia = { signingKeyFile = "/run/key"; openFirewall = true; };`;
    const own = await value(`imports = [ { ${cache} } { ${given} } ];`, asked);
    expect(own).toMatchObject({ signKeyPaths: ["/run/key"], ports: [80, 443] });
  });

  it.each([
    ["without a certificate", cache.replace("acme = true;", ""), "needs one certificate"],
    [
      "with two certificates",
      cache.replace("acme = true;", 'acme = true; sslCertificate = "/a"; sslCertificateKey = "/b";'),
      "needs one certificate",
    ],
    [
      "whose signing key is in the store",
      cache.replace("acme = true;", `acme = true; signingKeyFile = "\${${checkout}/package.json}";`),
      "homelab.services.harmonia.signingKeyFile is /nix/store/",
    ],
  ])("refuses a cache %s", async (_title, given, message) => {
    const { exitCode, text } = await evaluated(given, "config.system.build.toplevel.drvPath");
    expect(exitCode).not.toBe(0);
    expect(text).toContain(message);
  });
});

describe.skipIf(noHosts)("on a host", () => {
  const { signal } = new AbortController();
  let bed: Testbed;
  let host: HostInfo;

  // In the place of the command: says what it was given, tries what it may not, and has systemd do that for it.
  const command = `pkgs.writeScriptBin "homelab-deploy" ''
    #!/bin/sh
    key=$3
    echo "key: $(cat "$key") at $key"
    touch /var/lib/by-itself 2>/dev/null && echo "wrote by itself"
    mount -t tmpfs tmpfs /mnt 2>/dev/null && echo "mounted by itself"
    systemd-run --quiet --pipe --wait --collect /usr/bin/touch /var/lib/by-systemd
    exec sleep infinity
  ''`;
  const machine = (timeout: number) => `host ({ lib, pkgs, ... }: {
    ${listener.replace(/package = .*/, `package = ${command}; timeout = ${timeout};`)}
    systemd.tmpfiles.rules = [ "d /run/secrets 0700 root root -" "f /run/secrets/homelab-deploy-nkey 0400 root root - SUsecret" ];
    systemd.services.homelab-deploy-listener.after = [ "systemd-tmpfiles-resetup.service" ];
    ${cache}
    # A test host has neither program.
    systemd.services.harmonia.enable = false;
    systemd.services.nginx.enable = false;
  })`;
  const shell = async (script: string) => (await bed.exec("web01", ["sh", "-c", script])).stdout.trim();

  async function switchTo(name: string) {
    const { hosts } = await evaluateFleet(
      { file: join(directory, "hosts.nix") },
      { names: [name] },
      { signal },
    );
    const { toplevel = "", derivation, evaluationError } = hosts[name] ?? {};
    expect(evaluationError).toBeUndefined();
    const connection = {
      ssh: { host: host.address, identityFile: host.identityFile, hostKey: host.hostKey },
    };
    const request = {
      name: "web01",
      connection,
      toplevel,
      derivation,
      goal: "switch",
      rollback: {},
    } as const;
    await deploy(request, { builder: createBuilder(), signal, onEvent: () => {} });
  }

  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = (await bed.up(["web01"])) as [HostInfo];
    await writeFile(
      join(directory, "hosts.nix"),
      system(`{ one = ${machine(600)}; two = ${machine(700)}; }`),
    );
    await switchTo("one");
  });
  afterAll(() => bed?.down());

  it("the listener reads its key, can change nothing by itself, and have systemd change all", async () => {
    await expect.poll(() => shell("ls /var/lib | grep ^by-"), { timeout: 15_000 }).toBe("by-systemd");
    const said = await shell("journalctl --output=cat --unit=homelab-deploy-listener.service");
    expect(said).toContain("key: SUsecret at /run/credentials/homelab-deploy-listener.service/nkey");
    expect(said).not.toContain("by itself");
  });

  it("the listener's unit has an exposure of less than 2.5 of 10", async () => {
    const unit = "homelab-deploy-listener.service";
    const { exitCode, stdout } = await bed.exec("web01", [
      ...["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager"],
      `/etc/systemd/system/${unit}`,
    ]);
    console.log(stdout.trim().split("\n").at(-1));
    expect(exitCode, stdout).toBe(0);
  });

  it("the listener is not restarted by a deployment that changes it", async () => {
    const pid = "systemctl show --property=MainPID,NRestarts homelab-deploy-listener.service";
    const unit = "readlink -f /etc/systemd/system/homelab-deploy-listener.service";
    const before = [await shell(pid), await shell(unit)];
    await switchTo("two");
    expect(await shell(pid)).toBe(before[0]);
    expect(await shell(unit)).not.toBe(before[1]);
  });

  it("the cache makes its key once, and shows the public half alone", async () => {
    const place = "/var/lib/harmonia-signing-key";
    const name = /^cache\.example\.org-1:[A-Za-z0-9+/]{43}=$/;
    const shown = await shell(`cat ${place}/public-key`);
    expect(shown).toMatch(name);
    expect(await shell(`stat -c %a:%U ${place}/secret ${place}/secret/key ${place}/public-key`)).toBe(
      "700:root\n600:root\n444:root",
    );
    const journal = await shell("journalctl --output=cat --unit=harmonia-signing-key.service");
    expect(journal).toContain(`public key: ${shown}`);
    expect(journal).not.toContain(await shell(`cut -d: -f2 ${place}/secret/key`));
    await shell("systemctl restart harmonia-signing-key.service");
    expect(await shell(`cat ${place}/public-key`)).toBe(shown);
  });
});
