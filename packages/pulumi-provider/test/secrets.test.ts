import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { type HostInfo, noHosts } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { fleetProject, marked, overrideInputs } from "./support/homelab.ts";
import { mustRun } from "./support/stack.ts";
import { useHosts } from "./support/use-hosts.ts";

describe.skipIf(noHosts)("secrets", () => {
  const { hosts } = useHosts("web01");

  it("a secret key or password in the configuration is in no log, no argument list and no state file", async () => {
    const [host] = hosts("web01") as [HostInfo];
    const key = readFileSync(host.identityFile, "utf8");
    const signingKey = execFileSync(
      "nix",
      ["--extra-experimental-features", "nix-command", "key", "generate-secret", "--key-name", "test-1"],
      { encoding: "utf8" },
    ).trim();
    const password = `pass-${randomBytes(9).toString("hex")}`;
    const secret = [...key.split("\n").slice(1, -2), signingKey.slice("test-1:".length), password];
    await using project = await fleetProject({ web01: marked("secret") }, [host]);
    await project.configure({
      "homelab:flake": "path:./flake",
      "homelab:overrideInputs": overrideInputs,
      "nixos:hosts": { web01: { host: host.address, hostKey: host.hostKey } },
    });
    await mustRun(project, ["config", "set", "--secret", "nixos:identity"], key);
    await mustRun(project, ["config", "set", "--secret", "nixos:signingKey"], signingKey);
    const path = ["--path", "nixos:connection.ssh.sudoPassword"];
    await mustRun(project, ["config", "set", "--secret", ...path], password);
    // From level 9 on Pulumi itself writes all that it sends to plugins.
    const seen = new Set<string>();
    const watch = setInterval(() => {
      for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
        try {
          seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
        } catch {}
      }
    }, 20);
    const { exitCode, stdout, stderr } = await project.run([
      "up",
      "--yes",
      "--debug",
      "--logtostderr",
      "-v=8",
    ]);
    clearInterval(watch);
    expect(exitCode, stdout).toBe(0);
    expect([...seen].some((argv) => argv.includes("ssh"))).toBe(true);
    const written = execFileSync(
      "find",
      [project.ownFiles, "-type", "f", "-not", "-path", "*/node_modules/*"],
      { encoding: "utf8" },
    )
      .trim()
      .split("\n")
      .map((file) => readFileSync(file, "utf8"));
    for (const line of secret) {
      expect(
        `${stdout}${stderr}`.split("\n").filter((text) => text.includes(line)),
        "in the output",
      ).toEqual([]);
      expect(
        [...seen].some((argv) => argv.includes(line)),
        "in an argument list",
      ).toBe(false);
      expect(
        written.some((text) => text.includes(line)),
        "in a file of Pulumi",
      ).toBe(false);
    }
    const left = [tmpdir(), process.env.XDG_RUNTIME_DIR ?? tmpdir()].flatMap((directory) =>
      readdirSync(directory),
    );
    expect(left.filter((entry) => entry.startsWith("homelab-key-"))).toEqual([]);
  });
});
