import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type HostInfo, noHosts, Project } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fleetProgram, reaching, typeScriptProject } from "./support/homelab.ts";
import { mustRun } from "./support/stack.ts";
import { useHosts } from "./support/use-hosts.ts";

const checkout = join(import.meta.dirname, "../../..");
const MiB = 2 ** 20;
const payload = 16 * MiB;

const nixFlags = ["--extra-experimental-features", "nix-command"];
const nix = (args: readonly string[], input = "") =>
  execFileSync("nix", [...nixFlags, ...args], { encoding: "utf8", input }).trim();
const newKey = () => nix(["key", "generate-secret", "--key-name", "cache-1"]);
const publicHalf = (key: string) => nix(["key", "convert-secret-to-public"], key);

const [key, strangers] = [newKey(), newKey()];
const run = `${Date.now()}`;

/**
 * A host with a static binary cache in /var/lib/cache, and two that ask it and share a file, new for each `content`, of
 * 16 MiB that do not compress. web01 trusts the key that signs, and is deployed to as a user who may only deploy once it
 * has that user; web02 trusts a key of the same name.
 */
const fleetText = (cache: string, mark: string, content: string, login: string) => `let
  lib = import ${checkout}/packages/testbed/nixpkgs/lib;
  host = module: lib.nixosSystem {
    system = "x86_64-linux";
    modules = [
      ${checkout}/nix/modules
      { services.openssh.enable = true; boot.loader.systemd-boot.enable = true; system.stateVersion = "25.05"; }
      module
    ];
  };
  web = trusted: module: host ({ pkgs, ... }: {
    imports = [ module ];
    environment.etc.marker.text = "${mark}";
    environment.etc.payload.source =
      pkgs.runCommand "payload-${run}-${content}" { } "head -c ${payload} /dev/urandom >$out";
    homelab.nixCache = { enable = true; urls = [ "http://${cache}" ]; publicKeys = [ trusted ]; };
  });
in {
  cache01 = host ({ pkgs, ... }: {
    systemd.services.httpd = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig.ExecStart = "\${pkgs.busybox}/bin/httpd -f -vv -h /var/lib/cache";
      serviceConfig.StateDirectory = "cache";
    };
  });
  web01 = web "${publicHalf(key)}" {
    homelab.users.deploy = { enable = true; keys = [ "${login}" ]; trustedKeys = [ "${publicHalf(key)}" ]; };
    ${mark === "one" ? `homelab.deploy.user = "root";` : ""}
  };
  web02 = web "${publicHalf(strangers)}" { };
}
`;

describe.skipIf(noHosts)("a binary cache", () => {
  const { bed, hosts, marker } = useHosts("cache01", "web01", "web02");
  const address = (name: string) => (hosts(name)[0] as HostInfo).address;
  let stack: Project;
  let login: string;

  const define = (mark: string, content: string) =>
    stack.write({ "homelab.nix": fleetText(address("cache01"), mark, content, login) });
  const up = () => mustRun(stack, ["up", "--yes", "--skip-preview"]);
  const shell = (name: string, script: string) => bed().exec(name, ["sh", "-c", script]);

  beforeAll(async () => {
    const { hostKey, identityFile } = hosts("cache01")[0] as HostInfo;
    login = execFileSync("ssh-keygen", ["-y", "-f", identityFile], { encoding: "utf8" }).trim();
    const store = encodeURIComponent("file:///var/lib/cache?compression=none");
    const pinned = Buffer.from(hostKey).toString("base64");
    const to = `ssh-ng://root@${address("cache01")}?remote-store=${store}&base64-ssh-public-host-key=${pinned}`;
    stack = await Project.create({
      files: typeScriptProject(fleetProgram),
      stack: "test",
      config: { "homelab:file": "homelab.nix", "nixos:cache": { to }, ...reaching(hosts()) },
    });
    await mustRun(stack, ["config", "set", "--secret", "nixos:signingKey"], key);
    await define("one", "one");
    await up();
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());

  /** Bytes that came into and left each host meanwhile. */
  async function traffic(action: () => Promise<unknown>) {
    const before = await counters();
    await action();
    const after = await counters();
    return (name: string) => ({
      received: (after[name]?.received ?? 0) - (before[name]?.received ?? 0),
      sent: (after[name]?.sent ?? 0) - (before[name]?.sent ?? 0),
    });
  }
  async function counters() {
    const read = hosts().map(async ({ name }) => {
      const { stdout } = await shell(name, "grep eth0: /proc/net/dev");
      const numbers = stdout.trim().split(/\s+/).slice(1).map(Number);
      return [name, { received: numbers[0] ?? 0, sent: numbers[8] ?? 0 }] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }

  it("gives a host what was pushed to it once for all hosts: next to nothing goes over the host's SSH connection", async () => {
    await define("two", "two");
    const seen = await traffic(up);
    expect([await marker("web01"), await marker("web02")]).toEqual(["two", "two"]);
    expect(seen("cache01").received).toBeGreaterThan(payload);
    expect(seen("cache01").received).toBeLessThan(1.5 * payload);
    expect(seen("cache01").sent).toBeGreaterThan(payload);
    expect(Math.abs(seen("web01").received - seen("cache01").sent)).toBeLessThan(MiB);
    const { stdout } = await shell("web01", "journalctl --output=cat --unit=sshd.service");
    expect(stdout).toContain("Accepted publickey for deploy ");
  });

  it("is believed by a host that trusts its key, and asked for no file by one that does not", async () => {
    const { stdout } = await shell("cache01", "journalctl --output=cat --unit=httpd.service");
    const asked = (name: string, what: RegExp) =>
      stdout.split("\n").filter((line) => line.includes(`${address(name)}]`) && what.test(line));
    expect(asked("web01", /url:\/nar\//)).not.toEqual([]);
    expect(asked("web02", /url:\/.*narinfo/)).not.toEqual([]);
    expect(asked("web02", /url:\/nar\//)).toEqual([]);

    const fetch = `nix ${nixFlags.join(" ")} copy --from http://${address("cache01")} --to /root/store "$(readlink -f /etc/payload)" 2>&1`;
    const [trusting, other] = [await shell("web01", fetch), await shell("web02", fetch)];
    expect(trusting.exitCode, trusting.stdout).toBe(0);
    expect(other.exitCode).not.toBe(0);
    expect(other.stdout).toContain("lacks a signature by a trusted key");
  });

  it("that is off costs a warning and some seconds: the closure goes over SSH", async () => {
    await bed().kill("cache01");
    await define("three", "two");
    expect((await up()).stdout).toContain(
      `warning: the cache ssh-ng://root@${address("cache01")} is not used: `,
    );
    expect([await marker("web01"), await marker("web02")]).toEqual(["three", "three"]);
  });
});
