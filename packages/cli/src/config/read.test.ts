import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "./read.ts";

describe("where homelab-deploy.yaml lies", () => {
  const directory = mkdtempSync(join(tmpdir(), "config-test-"));
  const file = join(directory, "homelab-deploy.yaml");
  const inside = join(directory, "a/b");
  beforeAll(() => {
    mkdirSync(inside, { recursive: true });
    writeFileSync(
      file,
      `flake: path:./flake
overrideInputs: { nixpkgs: ../nixpkgs, other: github:a/b }
connection: { nats: { nkeyFile: keys/a.nkey, tls: { caFile: /etc/ca } } }
commands: { apply: { signingKeyFile: ~/key, cache: ./x } }
`,
    );
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("is found from below, and files in it are beside it", async () =>
    expect(await readConfig(undefined, inside)).toEqual({
      file,
      config: {
        flake: `path:${directory}/flake`,
        overrideInputs: { nixpkgs: join(directory, "../nixpkgs"), other: "github:a/b" },
        connection: { nats: { nkeyFile: `${directory}/keys/a.nkey`, tls: { caFile: "/etc/ca" } } },
        commands: { apply: { signingKeyFile: `${homedir()}/key`, cache: "./x" } },
      },
    }));

  it("is the nearest one, or the one that is named", async () => {
    writeFileSync(join(directory, "a/homelab-deploy.yaml"), "tier: test");
    expect((await readConfig(undefined, inside)).config).toEqual({ tier: "test" });
    expect((await readConfig(file, inside)).config).toHaveProperty("flake");
    await expect(readConfig("/nowhere.yaml", inside)).rejects.toThrow("/nowhere.yaml: there is no such file");
  });

  it.skipIf(process.getuid?.() !== 0)("is not somebody else's, unless it is named", async () => {
    const other = join(inside, "homelab-deploy.yaml");
    writeFileSync(other, "tier: evil");
    chownSync(other, 12345, 12345);
    await expect(readConfig(undefined, inside)).rejects.toThrow(`${other} belongs to another user`);
    expect((await readConfig(other, inside)).config).toEqual({ tier: "evil" });
  });
});
