import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBuilder, deploy, inspectHost, type StorePath } from "../src/index.ts";
import { watchArgumentLists } from "./support/argument-lists.ts";
import { buildSystems } from "./support/systems.ts";

const { signal } = new AbortController();
const builder = createBuilder();
// What is left of the password however it is quoted.
const unmistakable = randomBytes(9).toString("hex");
const password = `s3cret '"\\ $(id) ${unmistakable}`;
const wrong = `wr0ng-${randomBytes(9).toString("hex")}`;
let bed: Testbed;
let host: HostInfo;
let systems: Record<string, StorePath>;

const ssh = (user: string, sudoPassword?: string) => ({
  host: host.address,
  identityFile: host.identityFile,
  hostKey: host.hostKey,
  user,
  ...(sudoPassword !== undefined && { sudoPassword }),
});
const onHost = async (command: string) => (await bed.exec("web01", ["sh", "-c", command])).stdout;
const deployed = (name: string, changes: object) =>
  deploy(
    {
      name: "web01",
      connection: { ssh: changes },
      toplevel: systems[name] as StorePath,
      goal: "switch",
      rollback: {},
    },
    { builder, signal, onEvent: () => {} },
  );
const leftOnHost = () =>
  onHost(
    "ls -d /tmp/[h]omelab-deploy-* /run/user/*/[h]omelab-deploy-* 2>/dev/null; pgrep -af '[n]ix-daemon --stdio|[h]omelab-deploy-'",
  );
const lastDenial = async () =>
  (
    await onHost("journalctl --no-pager --output=cat _COMM=sudo | grep 'incorrect password' | tail -n 1")
  ).trim();

describe.skipIf(noHosts)("sudo that asks for a password", () => {
  beforeAll(async () => {
    bed = await temporaryTestbed();
    const [hosts, built] = await Promise.all([
      bed.up(["web01"]),
      buildSystems(["passwords", "passwords-two", "passwords-three"]),
    ]);
    host = hosts[0] as HostInfo;
    systems = built;
    await deployed("passwords", ssh("root"));
    for (const user of ["anna", "nora"]) {
      const home = `/home/${user}/.ssh`;
      await onHost(
        `mkdir -p ${home} && cp /root/.ssh/authorized_keys ${home}/ && chown -R ${user} /home/${user}`,
      );
    }
    await onHost(`chpasswd <<'.'\nanna:${password}\n.`);
  });
  afterAll(() => bed.down());

  it("is told it: the host takes an unsigned system of a user whom its Nix does not trust", async () => {
    using lists = watchArgumentLists();
    expect((await deployed("passwords-two", ssh("anna", password))).outcome).toBe("committed");
    const all = [...lists.seen].join("\n");
    expect(all).toContain("nix-daemon\0--stdio");
    expect(all).not.toContain(unmistakable);
    expect(await onHost("cat /etc/marker")).toBe("two");
  });

  it("leaves nothing on the host, and the password in no log of it", async () => {
    expect((await leftOnHost()).trim()).toBe("");
    expect(await onHost("journalctl --no-pager --output=export")).not.toContain(unmistakable);
    expect(await onHost("journalctl --no-pager")).toContain("nix-daemon --stdio");
    expect(
      (await bed.exec("web01", ["grep", "-rlF", "--", unmistakable, "/var/log", "/tmp", "/home"])).stdout,
    ).toBe("");
  });

  it("is not told it where it does not ask", async () => {
    expect((await deployed("passwords-three", ssh("nora", password))).outcome).toBe("committed");
    expect((await leftOnHost()).trim()).toBe("");
  });

  it("is told a wrong one once, and the user what is wrong", async () => {
    const failure = inspectHost("web01", { ssh: ssh("anna", wrong) }, { signal });
    await expect(failure).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(
        /^web01 lets this login neither become root \(sudo does not take the password\)/,
      ),
      hint: expect.stringContaining("sudoPassword"),
    });
    await expect(failure).rejects.not.toThrow(wrong);
    expect(await lastDenial()).toMatch(/^anna : 1 incorrect password attempt ;/);
  });

  it("is needed: without it both ways in are named", async () =>
    expect(inspectHost("web01", { ssh: ssh("anna") }, { signal })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/become root \(sudo: .*password.*\) nor run an installed guard \(.*\)$/),
      hint: expect.stringContaining("homelab.users.deploy"),
    }));

  it("leaves nothing on the host when this side is killed during a copy", async () => {
    const script = join(import.meta.dirname, "support/hold-root-daemon.ts");
    const argv = ["--conditions=@homelab-deploy/source", script, "web01", JSON.stringify(ssh("anna"))];
    // What was killed removes no files of its own.
    await using files = await mkdtempDisposable(join(tmpdir(), "homelab-killed-"));
    const env = { ...process.env, TMPDIR: files.path };
    const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"], env });
    child.stdin.end(password);
    const [program] = await once(child.stdout, "data");
    expect(String(program)).toMatch(/^sh \/.*\/join\n$/);
    expect(await leftOnHost()).toContain("nix-daemon --stdio");
    child.kill("SIGKILL");
    await expect.poll(async () => (await leftOnHost()).trim(), { timeout: 30_000 }).toBe("");
  });
});
