import { Resolver } from "node:dns/promises";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ExecResult,
  type HostInfo,
  nameOf,
  type Preview,
  Project,
  pluginDirectory,
  type Testbed,
  temporaryTestbed,
} from "@homelab-deploy/testbed";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import type { Story } from "./story.ts";

const root = join(import.meta.dirname, "../../..");

/** Real hosts, a Git repository of their own with the example's flake in it, and the example's two stacks. */
export class Stage implements AsyncDisposable {
  readonly #story: Story;
  readonly #bed: Testbed;
  readonly #hosts: readonly HostInfo[];
  readonly #repository: string;
  readonly #stacks: Readonly<Record<string, Project>>;

  static async open(names: readonly string[], story: Story): Promise<Stage> {
    const repository = await copyOfExample();
    const bed = await temporaryTestbed();
    try {
      const hosts = await bed.up(names);
      for (const { name, address } of hosts) story.output(`${name.padEnd(9)} ${address}`);
      await writeKnown(repository, await learn(bed, hosts));
      const config = configuration(repository, hosts);
      const files = { "Pulumi.yaml": await projectFile() };
      const stack = (name: string) => Project.create({ files, stack: name, config });
      return new Stage(story, bed, hosts, repository, {
        prod: await stack("prod"),
        test: await stack("test"),
      });
    } catch (error) {
      await bed.down();
      await rm(repository, { recursive: true });
      throw error;
    }
  }

  private constructor(
    story: Story,
    bed: Testbed,
    hosts: readonly HostInfo[],
    repository: string,
    stacks: Readonly<Record<string, Project>>,
  ) {
    this.#story = story;
    this.#bed = bed;
    this.#hosts = hosts;
    this.#repository = repository;
    this.#stacks = stacks;
  }

  /** Changes a file of the flake. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const path = join(this.#repository, "examples/homelab", file);
    const text = await readFile(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
    await writeFile(path, text.replace(from, to));
    const { stdout } = await this.#git("diff", "--unified=0", "--no-color");
    this.#story.output(
      stdout
        .split("\n")
        .filter((line) => /^[-+]( |$)/.test(line))
        .join("\n"),
    );
    await this.#git("commit", "--quiet", "--all", "--message", "an edit");
  }

  async preview(stack: string): Promise<Preview> {
    await this.#shown(stack, ["preview"]);
    return this.#project(stack).preview();
  }

  async up(stack: string, expected: "succeeds" | "fails" = "succeeds"): Promise<void> {
    await this.#shown(stack, ["up", "--yes", "--skip-preview"], expected);
  }

  async refresh(stack: string): Promise<void> {
    await this.#shown(stack, ["refresh", "--yes", "--skip-preview", "--diff"]);
  }

  async import(stack: string, host: string): Promise<void> {
    const code = ["--yes", "--generate-code=false", "--protect=false"];
    await this.#shown(stack, ["import", "nixos:index:Host", host, host, ...code]);
  }

  async generations(stack: string): Promise<unknown> {
    return (await this.#project(stack).outputs()).generations;
  }

  /** Names of the hosts with `operation` in the plan. */
  planned(preview: Preview, operation: string): string[] {
    const steps = preview.steps.filter(({ op, urn }) => op === operation && urn.includes("nixos:index:Host"));
    return steps.map(({ urn }) => nameOf(urn)).sort();
  }

  /** Properties in the detailed difference of a host. */
  difference(preview: Preview, host: string): string[] {
    return Object.keys(preview.steps.find(({ urn }) => nameOf(urn) === host)?.detailedDiff ?? {});
  }

  /** The page that the host serves. */
  async page(host: string): Promise<string> {
    const response = await fetch(`http://${this.#host(host).address}/`, {
      signal: AbortSignal.timeout(10_000),
    });
    return (await response.text()).trim();
  }

  address(host: string): string {
    return this.#host(host).address;
  }

  /** The addresses that a name has, asked of the name server on a host. */
  async resolve(server: string, name: string): Promise<string[]> {
    const resolver = new Resolver({ timeout: 2000, tries: 5 });
    resolver.setServers([this.address(server)]);
    return resolver.resolve4(name);
  }

  async exec(host: string, argv: readonly string[]): Promise<ExecResult> {
    this.#story.command(`[${host}] ${argv.join(" ")}`);
    return this.#bed.exec(host, argv);
  }

  /** A user of a host makes an SSH key of his own, and its public half becomes known to the flake. */
  async makeKey(host: string, user: string): Promise<void> {
    const file = `/home/${user}/.ssh/id_ed25519`;
    await this.exec(host, [
      "runuser",
      "-u",
      user,
      "--",
      "ssh-keygen",
      "-q",
      "-t",
      "ed25519",
      "-N",
      "",
      "-f",
      file,
    ]);
    const { stdout } = await this.#bed.exec(host, ["cat", `${file}.pub`]);
    const known = JSON.parse(await readFile(knownFile(this.#repository), "utf8")) as Known;
    await this.edit("known.json", String(known[host]?.[`${user}Key`]), stdout.trim());
  }

  async profileLinks(host: string): Promise<string> {
    return (await this.#bed.exec(host, ["ls", "-l", "--time-style=full-iso", "/nix/var/nix/profiles"]))
      .stdout;
  }

  /** What nixos-rebuild would do: copy, set the profile, switch. */
  async installByHand(host: string): Promise<void> {
    const attribute = `nixosConfigurations.${host}.config.system.build.toplevel`;
    const build = [
      "build",
      "--no-link",
      "--print-out-paths",
      ...overrideArgs(),
      `${flake(this.#repository)}#${attribute}`,
    ];
    this.#story.command(
      `nixos-rebuild switch --flake .#${host} --target-host root@${this.#host(host).address}`,
    );
    const { stdout: toplevel } = await execa("nix", build);
    const { address, identityFile } = this.#host(host);
    const NIX_SSHOPTS = `-i ${identityFile} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
    const copy = ["copy", "--no-check-sigs", "--to", `ssh-ng://root@${address}`, toplevel];
    await execa("nix", copy, { env: { NIX_SSHOPTS } });
    await this.#bed.exec(host, ["nix-env", "--profile", "/nix/var/nix/profiles/system", "--set", toplevel]);
    await this.#bed.exec(host, [`${toplevel}/bin/switch-to-configuration`, "switch"]);
  }

  async switchBackByHand(host: string): Promise<void> {
    this.#story.command(`ssh root@${this.#host(host).address} nixos-rebuild switch --rollback`);
    await this.#bed.exec(host, ["nix-env", "--profile", "/nix/var/nix/profiles/system", "--rollback"]);
    await this.#bed.exec(host, ["/nix/var/nix/profiles/system/bin/switch-to-configuration", "switch"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bed.down();
    await Promise.all(Object.values(this.#stacks).map((project) => project[Symbol.asyncDispose]()));
    await rm(this.#repository, { recursive: true, force: true });
  }

  #host(name: string): HostInfo {
    const host = this.#hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  #project(stack: string): Project {
    const project = this.#stacks[stack];
    if (project === undefined) throw new Error(`no stack ${stack}`);
    return project;
  }

  async #shown(
    stack: string,
    args: readonly string[],
    expected: "succeeds" | "fails" = "succeeds",
  ): Promise<void> {
    const told = args.filter(
      (arg) => !["--skip-preview", "--generate-code=false", "--protect=false"].includes(arg),
    );
    this.#story.command(`pulumi ${told.join(" ")} --stack ${stack}`);
    const { exitCode, stdout, stderr } = await this.#project(stack).run(args);
    this.#story.output(essence(stdout));
    if ((exitCode === 0) !== (expected === "succeeds")) {
      throw new Error(`pulumi ${args.join(" ")} ended with exit status ${exitCode}\n${stdout}\n${stderr}`);
    }
  }

  #git(...args: string[]) {
    return execa("git", ["-C", this.#repository, ...args]);
  }
}

// One line for each resource and what it came to, not every step on the way.
function essence(output: string): string {
  const steps =
    /(creating|updating|refreshing|importing|reading) \(|^@ |pulumi:pulumi:Stack|^(Previewing|Updating|Refreshing|Importing|Duration)/;
  return output
    .split("\n")
    .filter((line) => !steps.test(line) && !/warning: using|^\s*$/.test(line))
    .join("\n");
}

async function copyOfExample(): Promise<string> {
  const repository = await mkdtemp(join(tmpdir(), "homelab-demo-"));
  for (const folder of ["flake.nix", "fleet.nix", "known.json", "hosts", "modules"]) {
    await cp(join(root, "examples/homelab", folder), join(repository, "examples/homelab", folder), {
      recursive: true,
    });
  }
  await cp(join(root, "nix"), join(repository, "nix"), { recursive: true });
  const git = ["-C", repository, "-c", "init.defaultBranch=main"];
  await execa("git", [...git, "init", "--quiet"]);
  await execa("git", [...git, "config", "user.name", "demo"]);
  await execa("git", [...git, "config", "user.email", "demo@localhost"]);
  await execa("git", [...git, "add", "."]);
  await execa("git", [...git, "commit", "--quiet", "--message", "the example"]);
  return repository;
}

type Known = Record<string, Record<string, string>>;

const knownFile = (repository: string) => join(repository, "examples/homelab/known.json");

/** What hosts know of themselves: where they are, and public keys, of which those of the VPN are made now. */
async function learn(bed: Testbed, hosts: readonly HostInfo[]): Promise<Known> {
  const makeKey =
    "umask 077; mkdir -p /var/lib/wireguard; wg genkey | tee /var/lib/wireguard/home.key | wg pubkey";
  const known = hosts.map(async ({ name, address, hostKey }) => {
    const { stdout: vpnKey } = await bed.exec(name, ["sh", "-c", makeKey]);
    return [name, { address, hostKey, vpnKey: vpnKey.trim() }] as const;
  });
  return Object.fromEntries(await Promise.all(known));
}

async function writeKnown(repository: string, learnt: Known): Promise<void> {
  const file = knownFile(repository);
  const known = JSON.parse(await readFile(file, "utf8")) as Known;
  const all = Object.entries(known).map(([name, facts]) => [name, { ...facts, ...learnt[name] }]);
  await writeFile(file, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
  await execa("git", ["-C", repository, "commit", "--quiet", "--all", "--message", "the hosts"]);
}

// The checkout's own project, whose stacks' configuration and state stay as they are.
async function projectFile(): Promise<string> {
  const project = parse(await readFile(join(root, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
  const main = join(root, "examples/homelab");
  const plugins = { providers: [{ name: "nixos", path: pluginDirectory }] };
  return stringify({ ...project, main, plugins, stackConfigDir: undefined });
}

function flake(repository: string): string {
  return `git+file://${repository}?dir=examples/homelab`;
}

const nixpkgs = `path:${join(root, "packages/testbed/nixpkgs")}`;

function overrideArgs(): string[] {
  return ["--override-input", "nixpkgs", nixpkgs, "--no-write-lock-file"];
}

function configuration(repository: string, hosts: readonly HostInfo[]): Record<string, unknown> {
  return {
    "homelab:flake": flake(repository),
    "homelab:overrideInputs": { nixpkgs },
    "nixos:connection": { ssh: { identityFile: hosts[0]?.identityFile } },
    "nixos:hosts": Object.fromEntries(
      hosts.map(({ name, address, hostKey }) => [name, { host: address, hostKey }]),
    ),
  };
}
