import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { noHosts } from "@homelab-deploy/testbed";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { useHost } from "./support/use-host.ts";

const modules = join(import.meta.dirname, "host-modules");

describe.skipIf(noHosts)("homelab.secrets", () => {
  const { deployed, restart, shell } = useHost("web01", { file: join(modules, "secrets.nix") });

  const values: string[] = [];
  async function rotate(): Promise<void> {
    const value = randomBytes(16).toString("hex");
    values.push(value);
    await shell(`mkdir -p /var/lib/secrets; printf %s ${value} >/var/lib/secrets/token`);
  }
  // systemd gives a unit another one each time that it starts it.
  const started = async () => {
    const units = ["reader", "reloader", "bystander", "idle"];
    const show = units.map((unit) => `systemctl show --property=InvocationID --value ${unit}.service`);
    const [reader, reloader, bystander, idle] = (await shell(show.join(";"))).split("\n");
    const reloads = (await shell("cat /run/reloads 2>/dev/null || true")).split("\n").filter(Boolean).length;
    return { reader, reloader, bystander, idle: idle ?? "", reloads };
  };
  async function committed(system: string): Promise<void> {
    const { error, outcome } = await deployed(system);
    expect([error, outcome]).toEqual([undefined, "committed"]);
  }

  it("gives a secret's file its group and mode, and leaves its owner", async () => {
    await rotate();
    await committed("one");
    expect(await shell("stat -c '%U %G %a' /var/lib/secrets/token")).toBe("root readers 440");
  });

  it("leaves units alone while the secret is the same", async () => {
    const before = await started();
    await committed("two");
    expect(await started()).toEqual(before);
  });

  it("says which units a changed secret would restart, and restarts none for the question", async () => {
    const before = await started();
    await rotate();
    const { outcome, events } = await deployed("one", { goal: "dry-activate" });
    expect(outcome).toBe("dry-activated");
    expect(JSON.stringify(events)).toContain('would restart the following units: reader.service"');
    expect(JSON.stringify(events)).toContain('would reload the following units: reloader.service"');
    expect(await started()).toEqual(before);
  });

  it("restarts and reloads the units of a changed secret, and no others", async () => {
    const before = await started();
    await committed("one");
    const after = await started();
    expect(after).toEqual({ ...before, reader: after.reader, reloads: before.reloads + 1 });
    expect(after.reader).not.toBe(before.reader);
    expect(after.idle).toBe("");
  });

  it("restarts them when the hash alone is another one", async () => {
    const before = await started();
    await committed("hashed");
    const after = await started();
    expect(after).toEqual({ ...before, reader: after.reader, reloads: before.reloads + 1 });
    expect(after.reader).not.toBe(before.reader);
  });

  it("restarts nothing after a boot with another secret, which all units read as they started", async () => {
    await rotate();
    await restart();
    const before = await started();
    await committed("hashed-two");
    expect(await started()).toEqual(before);
  });

  it("fails the activation when the owner is nobody", async () => {
    const { error, events } = await deployed("nobodys");
    expect(error).toMatchObject({ code: "rolled-back" });
    expect(JSON.stringify(events)).toMatch(/invalid user: .nobody-at-all/);
  });

  it("leaves units alone, and tells, when the file is not there", async () => {
    const before = await started();
    await shell("rm /var/lib/secrets/token");
    const { outcome, events } = await deployed("two");
    expect(outcome).toBe("committed");
    expect(JSON.stringify(events)).toContain("homelab.secrets.token: there is no /var/lib/secrets/token");
    expect(await started()).toEqual(before);
  });

  it("never has the value in the store, nor anywhere else", async () => {
    expect(values).toHaveLength(3);
    const places = "/nix /etc /boot /run /var";
    for (const value of values) expect(await shell(`grep -rlsF ${value} ${places} || true`)).toBe("");
    expect(await shell("stat -c '%U %a' /run/homelab-secrets")).toBe("root 700");
  });
});

describe("homelab.secrets refuses", () => {
  it.each([
    ["a file of the store", 'builtins.toFile "token" "x"', "token.file is /nix/store/"],
    ["a package", 'pkgs.writeText "token" "x"', "token.file is /nix/store/"],
    ["a path of this machine, which would come into the store", "./secrets.nix", "token.file is /"],
    ["a relative path", '"secrets/token"', "homelab.secrets.token.file"],
  ])("%s", async (_title, file, message) => {
    const module = `{ pkgs, ... }: { homelab.secrets.token.file = ${file}; }`;
    const expression = `(import ${modules}/system.nix [ (${module}) ]).config.system.build.toplevel.drvPath`;
    const refused = execa("nix-instantiate", ["--eval", "--expr", expression], { cwd: modules });
    await expect(refused).rejects.toThrow(message);
  });
});
