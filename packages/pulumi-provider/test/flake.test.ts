import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { Project } from "@homelab-deploy/testbed";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flakeText, marked } from "./support/homelab.ts";
import { changes } from "./support/stack.ts";

const checkout = join(import.meta.dirname, "../../..");
const nixpkgs = `path:${join(checkout, "packages/testbed/nixpkgs")}`;

let directory: string;
/** The flake of this repository, as others import it: what Git has of it. */
let flake: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "flake-"));
  const copy = join(directory, "homelab-deploy");
  const left = new Set(["node_modules", "dist", "dist.new", "bin"]);
  for (const part of ["flake.nix", "nix", "templates", "packages", "package-lock.json"]) {
    cpSync(join(checkout, part), join(copy, part), {
      recursive: true,
      filter: (path) => !left.has(basename(path)),
    });
  }
  flake = `path:${copy}`;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function nix(...args: string[]) {
  const features = ["--extra-experimental-features", "nix-command flakes"];
  return (await execa("nix", [...features, ...args, "--no-write-lock-file"])).stdout;
}
const withNixpkgs = ["--override-input", "nixpkgs", nixpkgs];

describe("the flake", () => {
  it("has what the documentation names, and nix flake check finds nothing wrong with it", async () => {
    const outputs = JSON.parse(await nix("flake", "show", "--json", ...withNixpkgs, flake));
    expect(Object.keys(outputs).sort()).toEqual([
      "apps",
      "checks",
      "devShells",
      "fleetModules",
      "lib",
      "nixosModules",
      "overlays",
      "packages",
      "templates",
    ]);
    expect(Object.keys(outputs.packages["x86_64-linux"])).toEqual([
      "default",
      "homelab-activate",
      "homelab-deploy",
      "homelab-deploy-pulumi-sdk",
      "pulumi-resource-nixos",
    ]);
    expect(Object.keys(outputs.templates)).toEqual(["default", "existing", "homelab"]);
    await nix("flake", "check", "--no-build", ...withNixpkgs, flake);
  });

  it("has each module alone, under the name of its file, and all of them as the default", async () => {
    const installable = `${flake}#nixosModules`;
    const modules = await nix("eval", "--json", ...withNixpkgs, installable, "--apply", "builtins.attrNames");
    const files = readdirSync(join(checkout, "nix/modules")).filter((file) => file.endsWith(".nix"));
    const names = files.map((file) =>
      file.slice(0, -".nix".length).replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase()),
    );
    expect(JSON.parse(modules)).toEqual(names.sort());
    expect(names).toEqual(expect.arrayContaining(["default", "deploy", "usersDeploy"]));
  });
});

it("the flake of a README for the listener is pasted, and needs nothing but the hardware of its host", async () => {
  const place = join(directory, "pasted");
  mkdirSync(place);
  writeFileSync(
    join(place, "flake.nix"),
    `{
  inputs.homelab-deploy.url = "github:torjus/homelab-deploy";
  outputs = { self, nixpkgs, homelab-deploy, ... }: {
    nixosConfigurations.myhost = nixpkgs.lib.nixosSystem {
      modules = [
        homelab-deploy.nixosModules.default
        {
          services.homelab-deploy.listener = {
            enable = true;
            tier = "prod";
            role = "dns";
            natsUrl = "nats://nats.example.com:4222";
            nkeyFile = "/run/secrets/homelab-deploy-nkey";
            flakeUrl = "git+https://git.example.com/user/nixos-configs.git";
          };
        }
        { nixpkgs.hostPlatform = "x86_64-linux"; boot.loader.systemd-boot.enable = true; }
      ];
    };
  };
}`,
  );
  const inputs = { nixpkgs, "homelab-deploy": flake, "homelab-deploy/nixpkgs": nixpkgs };
  const overrides = Object.entries(inputs).flatMap((pair) => ["--override-input", ...pair]);
  const asked = `{ myhost }: let inherit (myhost) config; inherit (config.services.homelab-deploy) listener; in {
    inherit (listener) hostname timeout deploySubjects discoverSubject environment;
    package = listener.package.name;
    toplevel = config.system.build.toplevel.name;
  }`;
  const installable = `path:${place}#nixosConfigurations`;
  expect(JSON.parse(await nix("eval", "--json", ...overrides, installable, "--apply", asked))).toEqual({
    hostname: "nixos",
    timeout: 600,
    deploySubjects: ["deploy.<tier>.<hostname>", "deploy.<tier>.all", "deploy.<tier>.role.<role>"],
    discoverSubject: "deploy.discover",
    environment: {},
    package: "homelab-deploy",
    toplevel: expect.stringMatching(/^nixos-system-/),
  });
});

/** Files of a template, as `nix flake init` puts them into a folder. */
function template(name: string): Record<string, string> {
  const folder = join(checkout, "templates", name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), readFileSync(path, "utf8")];
    }),
  );
}

describe("the template", () => {
  const overrideInputs = () => ({ nixpkgs, "homelab-deploy": flake });

  it("homelab passes its checks and its preview as it is", async () => {
    const files = template("homelab");
    await using project = await Project.create({
      files,
      stack: "prod",
      config: { "nixos:overrideInputs": overrideInputs() },
    });
    for (const file of Object.keys(files))
      cpSync(join(project.directory, file), join(directory, "new", file));
    const overrides = Object.entries(overrideInputs()).flatMap((pair) => ["--override-input", ...pair]);
    await nix("flake", "check", "--no-build", ...overrides, `path:${join(directory, "new")}`);
    expect(
      changes(await project.preview())
        .slice(1)
        .sort(),
    ).toEqual([
      ["create", "dns01", []],
      ["create", "web01", []],
    ]);
  });

  it("existing makes a plan of a flake that it does not know", async () => {
    await using project = await Project.create({
      files: { ...template("existing"), "flake.nix": flakeText({ web01: marked("unchanged") }) },
      stack: "prod",
      config: { "nixos:overrideInputs": { nixpkgs } },
    });
    expect(changes(await project.preview()).slice(1)).toEqual([["create", "web01", []]]);
  });
});

describe("the packages", () => {
  // The real Node, npm and esbuild in the places of nixpkgs'.
  const expression = () => {
    const path = (command: string) =>
      execFileSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" }).trim();
    const esbuild = join(checkout, `node_modules/@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
    const link = (target: string, name: string) => `ln -s ${target} $out/bin/${name};`;
    const file = join(directory, "packages.nix");
    writeFileSync(
      file,
      `import ${checkout}/packages/testbed/nixpkgs {
        overlays = [
          (import ${checkout}/nix/packages)
          (final: _: {
            nodejs_24 = final.runCommand "nodejs" { } "mkdir -p $out/bin; ${link(process.execPath, "node")} ${link(path("npm"), "npm")}";
            esbuild = final.runCommand "esbuild" { } "mkdir -p $out/bin; ${link(esbuild, "esbuild")}";
          })
        ];
      }`,
    );
    return file;
  };

  it("know the hash of every npm package in them, and of no other", async () => {
    const specs = join(checkout, "nix/packages/npm-specs.nix");
    const { stdout } = await execa("nix-instantiate", ["--eval", "--strict", "--json", specs]);
    const hashes = JSON.parse(readFileSync(join(checkout, "nix/packages/npm-hashes.json"), "utf8"));
    expect(Object.keys(hashes)).toEqual(JSON.parse(stdout));
  });

  it("are built by the real Node, npm and esbuild, and run without anything else", async () => {
    const npm = async (key: string) => (await execa("npm", ["config", "get", key])).stdout;
    const env = { NPM_CONFIG_CACHE: await npm("cache"), NPM_CONFIG_REGISTRY: await npm("registry") };
    const build = async (attribute: string) =>
      (await execa("nix-build", ["--no-out-link", "--max-jobs", "4", expression(), "-A", attribute], { env }))
        .stdout;

    const command = join(await build("homelab-deploy"), "bin/homelab-deploy");
    const alone = { env: { PATH: "/usr/bin:/bin" }, extendEnv: false };
    expect((await execa(command, ["--help"], alone)).stdout).toContain("Usage: homelab-deploy");
    const listener = await execa("sh", ["-x", command, "listener", "--help"], alone);
    expect(listener.stdout).toContain("Usage: homelab-deploy listener");
    expect(listener.stderr).toMatch(/^\+ exec \S+ --lite-mode /m);

    // What is in a file in the source tree is in the bundle.
    const sdk = join(await build("homelab-deploy-pulumi-sdk"), "lib/node_modules/@homelab-deploy/pulumi");
    const plugin = readFileSync(join(sdk, "bin/plugin.cjs"), "utf8");
    expect(plugin).toContain("restricted() { [ -n");
    expect(plugin).toContain("The nodes of deploy-rs");

    await using project = await Project.create({
      files: { ...template("existing"), "flake.nix": flakeText({ web01: marked("unchanged") }) },
      stack: "prod",
      config: { "nixos:overrideInputs": { nixpkgs } },
    });
    const yaml = join(project.directory, "Pulumi.yaml");
    writeFileSync(yaml, readFileSync(yaml, "utf8").replace(/path: .*/, `path: ${join(sdk, "bin")}`));
    rmSync(join(project.directory, "node_modules"));
    const installed = join(project.directory, "node_modules");
    cpSync(sdk, join(installed, "@homelab-deploy/pulumi"), { recursive: true });
    for (const name of readdirSync(join(checkout, "node_modules"))) {
      if (name !== "@homelab-deploy")
        symlinkSync(join(checkout, "node_modules", name), join(installed, name));
    }
    expect(changes(await project.preview()).slice(1)).toEqual([["create", "web01", []]]);
  });
});
