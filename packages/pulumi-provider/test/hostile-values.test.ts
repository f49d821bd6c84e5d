import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Project } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { typeScriptProject } from "./support/homelab.ts";

describe("hostile values are refused by the plan, and nothing is executed", () => {
  const pwned = join(tmpdir(), "homelab-pwned");
  const command = `$(touch ${pwned})`;
  const toplevel = "/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-x";
  it.each([
    ["a name that is a command", command, { toplevel }],
    ["a name that is a flag", "-oProxyCommand=id", { toplevel }],
    ["a name with a newline", "a\nb", { toplevel }],
    ["an attribute that is a command", "x", { toplevel, attribute: command }],
    ["an attribute that closes a string", "x", { flake: ".", attribute: `a" + (throw "b") + "` }],
    ["a store path with a command", "x", { toplevel: `${toplevel}${command}` }],
    ["a store path that leaves the store", "x", { toplevel: "/nix/store/../../etc" }],
    [
      "an address that is a flag",
      "x",
      { toplevel, connection: { ssh: { host: `-oProxyCommand=touch ${pwned}` } } },
    ],
    [
      "an address with a newline",
      "x",
      { toplevel, connection: { ssh: { host: `a\nProxyCommand touch ${pwned}` } } },
    ],
    ["a user that is a command", "x", { toplevel, connection: { ssh: { user: command } } }],
    [
      "a jump host that is a flag",
      "x",
      { toplevel, connection: { ssh: { proxyJump: `-oProxyCommand=touch ${pwned}` } } },
    ],
    [
      "an identity file with a quote",
      "x",
      { toplevel, connection: { ssh: { identityFile: `/x"\nProxyCommand touch ${pwned}` } } },
    ],
    ["a flake that is a flag", "x", { flake: "--impure" }],
    ["a flake with an attribute", "x", { flake: ".#x" }],
    ["a goal that is a command", "x", { toplevel, goal: `switch; touch ${pwned}` }],
    ["a duration that is a command", "x", { toplevel, rollback: { confirmTimeout: command } }],
    ["a property that does not exist", "x", { toplevel, hosst: "x" }],
  ])("%s", async (_title, name, properties) => {
    const program = `import { Host } from "@homelab-deploy/pulumi";\nnew Host(${JSON.stringify(name)}, ${JSON.stringify(properties)});\n`;
    await using project = await Project.create({
      files: typeScriptProject(program),
      stack: "test",
      config: {},
    });
    const { exitCode, stdout, stderr } = await project.run(["preview"]);
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /error: [\s\S]*(\bnot? an? |\bno host name|has no such property|expected|Invalid)/i,
    );
    expect(stdout + stderr).not.toMatch(/\n\s+at .*\/packages\//);
    expect(existsSync(pwned)).toBe(false);
  });
});
