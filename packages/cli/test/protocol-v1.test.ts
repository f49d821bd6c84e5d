import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noHosts } from "@homelab-deploy/testbed";
import { nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ask,
  confirm,
  connectAs,
  copy,
  deploy,
  discover,
  generationBefore,
  type Host,
  type Link,
} from "./support/plain-v1-client.ts";
import { openSite, type Site } from "./support/site.ts";

const standIn = join(import.meta.dirname, "../../testbed/nixpkgs");
const directory = mkdtempSync(join(tmpdir(), "homelab-protocol-test-"));
const nix = (args: string[], input = "") =>
  execFileSync("nix", ["--extra-experimental-features", "nix-command flakes", ...args], {
    input,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  }).trim();
const signingKey = nix(["key", "generate-secret", "--key-name", "protocol-1"]);
const signingKeyFile = join(directory, "signing-key");
const trustedKey = nix(["key", "convert-secret-to-public"], signingKey);

/** Builds a system with a mark of its own, which trusts the key. */
function build(name: string, mark: string): string {
  const expression = `((builtins.getFlake "path:${standIn}").lib.nixosSystem {
    system = "x86_64-linux";
    modules = [ {
      services.openssh.enable = true;
      boot.loader.systemd-boot.enable = true;
      system.stateVersion = "25.05";
      networking.hostName = "${name}";
      nix.settings.trusted-public-keys = [ "${trustedKey}" ];
      environment.etc.marker.text = "${mark}";
    } ];
  }).config.system.build.toplevel`;
  return nix(["build", "--impure", "--no-link", "--print-out-paths", "--expr", expression]);
}

const key = nkeys.createUser();

// All that a controller has to be permitted, by docs/protocol.md.
const may = {
  publish: [
    "homelab.v1.test.*.*",
    "$SRV.INFO.homelab-deploy",
    "$O.homelab-closures.>",
    "$JS.API.STREAM.INFO.OBJ_homelab-closures",
    "$JS.API.STREAM.PURGE.OBJ_homelab-closures",
    "$JS.API.STREAM.CREATE.OBJ_homelab-closures",
    "$JS.API.INFO",
    "$JS.API.STREAM.MSG.GET.OBJ_homelab-closures",
  ],
  subscribe: [`_INBOX_${key.getPublicKey()}.>`],
};

describe.skipIf(noHosts)("a client that is written from docs/protocol.md alone", () => {
  let site: Site;
  let link: Link;
  const systems: Record<string, string> = {};
  const host = (hostname: string): Host => ({ ...link, tier: "test", hostname });
  const marker = (name: string) => site.shell(name, "cat /etc/marker");
  /** Confirms over a connection that is made for that. */
  const anew = (to: Host) => async (request: object) => {
    const fresh = await connectAs(site.server.url, key);
    await confirm({ ...to, ...fresh }, request).finally(() => fresh.nc.close());
  };

  beforeAll(async () => {
    writeFileSync(signingKeyFile, signingKey, { mode: 0o600 });
    for (const mark of ["one", "two"]) systems[mark] = build("web01", mark);
    systems.signed = build("web02", "signed");
    const user = `{ nkey: ${key.getPublicKey()}, permissions: ${JSON.stringify(may)} }`;
    site = await openSite(["web01", "web02"], { main: "{ }" }, [user]);
    const trust = `{ cat /etc/nix/nix.conf; echo 'extra-trusted-public-keys = ${trustedKey}'; } >/tmp/nix.conf
      rm /etc/nix/nix.conf && mv /tmp/nix.conf /etc/nix/nix.conf`;
    await Promise.all(["web01", "web02"].map((name) => site.shell(name, trust)));
    await site.listen("web01", "--tier", "test");
    await site.listen("web02", "--tier", "test", "--trusted-key", key.getPublicKey());
    link = await connectAs(site.server.url, key);
  }, 300_000);
  afterAll(async () => {
    await link?.nc.close();
    await site?.remove();
    rmSync(directory, { recursive: true });
  });

  it("finds the hosts", async () => {
    const found = await discover(link);
    expect(found.map(({ hostname, tier }) => `${tier} ${hostname}`).sort()).toEqual([
      "test web01",
      "test web02",
    ]);
    await expect(ask(host("web03"), "inspect", {})).rejects.toMatchObject({ code: "unreachable" });
  });

  it("brings a closure to a host, and deploys it with a confirmation", async () => {
    const [to, toplevel] = [host("web01"), systems.one as string];
    await expect(deploy(to, { to: toplevel }, anew(to))).rejects.toMatchObject({ code: "refused" });
    expect((await ask(to, "missing", { paths: [toplevel] })).missing).toEqual([toplevel]);
    await copy(to, toplevel, signingKeyFile);
    expect((await ask(to, "missing", { paths: [toplevel] })).missing).toEqual([]);
    const { id, outcome } = await deploy(to, { to: toplevel }, anew(to));
    expect([outcome, await marker("web01")]).toEqual(["committed", "one"]);
    expect(await ask(to, "inspect", {})).toMatchObject({ running: toplevel, profile: toplevel });
    const { deployments } = await ask(to, "history", { count: 1 });
    expect(deployments).toMatchObject([{ id, to: toplevel, goal: "switch", outcome: "committed" }]);
  });

  it("is gone, and the host goes back by itself", async () => {
    const [to, toplevel] = [host("web01"), systems.two as string];
    await copy(to, toplevel, signingKeyFile);
    const waited: string[] = [];
    const stay = async () => waited.push(await marker("web01"));
    const { outcome, reason } = await deploy(to, { to: toplevel, confirmTimeout: 3000 }, stay);
    expect([outcome, waited, await marker("web01")]).toEqual(["rolled-back", ["two"], "one"]);
    expect(reason).toContain("nobody confirmed");
  });

  it("rolls back to the generation before", async () => {
    const to = host("web01");
    expect((await deploy(to, { to: systems.two }, anew(to))).outcome).toBe("committed");
    const { generation } = await ask(to, "inspect", {});
    const back = await generationBefore(to);
    expect(back.to).toBe(systems.one);
    expect((await deploy(to, back, anew(to))).outcome).toBe("committed");
    expect(await ask(to, "inspect", {})).toMatchObject({
      running: systems.one,
      generation: generation - 1,
    });
    expect(await marker("web01")).toBe("one");
  });

  it("signs its requests where the listener demands that", async () => {
    const [unsigned, to] = [host("web02"), { ...host("web02"), key }];
    const toplevel = systems.signed as string;
    await copy(to, toplevel, signingKeyFile);
    for (const verb of ["inspect", "begin", "confirm"]) {
      const refused = verb === "confirm" ? "unreachable" : "refused";
      await expect(ask(unsigned, verb, {})).rejects.toMatchObject({ code: refused });
    }
    await expect(ask({ ...unsigned, key: nkeys.createUser() }, "inspect", {})).rejects.toThrow("trust");
    await expect(deploy(unsigned, { to: toplevel }, anew(unsigned))).rejects.toThrow("not signed");
    const refusals: unknown[] = [];
    const onWaiting = async (request: object) => {
      await anew(unsigned)(request).catch(({ code }) => refusals.push(code));
      await anew(to)(request);
    };
    expect((await deploy(to, { to: toplevel }, onWaiting)).outcome).toBe("committed");
    expect([refusals, await marker("web02")]).toEqual([["refused"], "signed"]);
  });
});
