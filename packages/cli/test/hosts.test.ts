import { execFile } from "node:child_process";
import { join } from "node:path";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const main = join(import.meta.dirname, "../src/main.ts");

function run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const argv = ["--conditions=@homelab-deploy/source", main, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { encoding: "utf8" }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe.skipIf(noHosts)("homelab-deploy with a host", () => {
  let bed: Testbed;
  let host: HostInfo;
  const reach = () => [
    "--address",
    host.address,
    "--identity-file",
    host.identityFile,
    "--host-key",
    host.hostKey,
  ];
  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = (await bed.up(["web01"])) as [HostInfo];
  });
  afterAll(() => bed.down());

  it("history: of a host that was never deployed to is empty", async () =>
    expect(await run("history", "web01", ...reach())).toMatchObject({ status: 0, stdout: "" }));

  it("rollback: goes to the generation, tells the story on stderr and the result on stdout", async () => {
    const made =
      "nix-env -p /nix/var/nix/profiles/system --set /run/current-system && nix-env -p /nix/var/nix/profiles/system --set $(readlink -f /nix/var/nix/profiles/system-1-link)";
    await bed.exec("web01", [
      "sh",
      "-c",
      `${made}; ln -sfn system-1-link /nix/var/nix/profiles/system-2-link`,
    ]);
    const { status, stdout, stderr } = await run("rollback", "web01", "--to", "1", ...reach(), "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    expect(JSON.parse(stdout)).toMatchObject({ generation: 1 });
  });

  it("rollback: names what the host has when there is no such generation", async () => {
    const { status, stdout, stderr } = await run("rollback", "web01", "--to", "7", ...reach());
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("web01 has no generation 7; it has 1");
  });

  it.each([
    [["history", "-x"], "unknown option"],
    [["history", "$(id)"], "host"],
    [["history", "web01", "--port", "0"], "--port"],
    [["history", "web01", "--address", "-oProxyCommand=x"], "--address"],
    [["follow", "web01", "../../x"], "not the id of a deployment"],
    [["rollback", "web01", "--to", "one"], "not a number"],
    [["rollback", "web01", "--reboot", "always"], "never"],
  ])("refuses %j", async (args, reason) => {
    const { status, stdout, stderr } = await run(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
