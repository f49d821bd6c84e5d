import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Project } from "@homelab-deploy/testbed";
import { describe, expect, it } from "vitest";
import { fleetProgram, overrideInputs, typeScriptProject } from "./support/homelab.ts";
import { changes } from "./support/stack.ts";

const flakes = join(import.meta.dirname, "../../core/test/other-tools");
const tool = (name: string) => `path:${join(flakes, "tools", name)}`;

/** The preview of a program that makes a Host of each host in the flake `name`. */
async function preview(name: string, files: readonly string[], inputs: Record<string, string>) {
  const flake = files.map((file) => [`flake/${file}`, readFileSync(join(flakes, name, file), "utf8")]);
  await using project = await Project.create({
    files: { ...typeScriptProject(fleetProgram), ...Object.fromEntries(flake) },
    stack: "test",
    config: {
      "homelab:flake": "path:./flake",
      "homelab:overrideInputs": { ...overrideInputs, ...inputs },
    },
  });
  const plan = await project.preview();
  return {
    planned: changes(plan)
      .filter(([, name]) => name !== "homelab-test")
      .sort(),
    told: (plan.diagnostics ?? []).map(({ message }) => message).filter((message) => /deploy/.test(message)),
  };
}

const creations = (...names: string[]) => names.map((name) => ["create", name, []]);

describe("pulumi preview", () => {
  it("shows the hosts of a flake of deploy-rs with nothing changed in it, and tells once what has no effect", async () => {
    const inputs = { "deploy-rs": tool("deploy-rs"), "deploy-rs/nixpkgs": overrideInputs.nixpkgs };
    const documented = await preview("deploy-rs", ["flake.nix", "web.nix"], inputs);
    expect(documented).toEqual({ planned: creations("web"), told: [] });
    const { planned, told } = await preview("deploy-rs-profiles", ["flake.nix"], inputs);
    expect(planned).toEqual(creations("example", "trial", "wrong"));
    expect(told.join("\n").match(/deploy\.nodes\.desk is left out/g)).toHaveLength(1);
    expect(told.join("\n").match(/of its profiles only system is deployed/g)).toHaveLength(1);
  });

  it("shows the hosts of a hive of colmena with nothing changed in it", async () => {
    const documented = await preview("colmena-hive", ["flake.nix"], { colmena: tool("colmena") });
    expect(documented.planned).toEqual(creations("host-a", "host-b"));
    const older = await preview("colmena", ["flake.nix", "hive.nix"], {});
    expect(older.planned).toEqual(creations("host-a", "host-b", "laptop"));
  });
});
