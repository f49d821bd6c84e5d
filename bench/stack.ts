import { createHash } from "node:crypto";
import { Project, pluginDirectory } from "@homelab-deploy/testbed";
import { elapsed } from "./measure.ts";

export interface StackOptions {
  readonly name: string;
  /** Plugins beside this project's, by the names of their packages: directories. */
  readonly plugins?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A stack in which programs take turns. */
export class Stack implements AsyncDisposable {
  readonly #project: Project;

  static async create({ name, plugins = {}, config = {} }: StackOptions): Promise<Stack> {
    // A program that sees this project's package in node_modules needs its plugin to be there, used or not.
    const directories = { nixos: pluginDirectory, ...plugins };
    const providers = Object.entries(directories).map(([plugin, path]) => ({ name: plugin, path }));
    const runtime = { name: "nodejs", options: { typescript: false } };
    const files = {
      "Pulumi.yaml": JSON.stringify({ name: "homelab", runtime, plugins: { providers } }),
    };
    return new Stack(await Project.create({ files, stack: name, config }));
  }

  private constructor(project: Project) {
    this.#project = project;
  }

  /** Makes what `program` says. */
  async up(program: string): Promise<void> {
    await this.#choose(program);
    await this.#run(["up", "--yes", "--skip-preview"]);
  }

  /** Time of a preview, in milliseconds. Throws unless `program` has `count` resources, none of which changes. */
  async preview(program: string, count: number): Promise<number> {
    await this.#choose(program);
    let stdout = "";
    const milliseconds = await elapsed(async () => {
      stdout = await this.#run(["preview", "--expect-no-changes"]);
    });
    // The stack itself is a resource, too.
    if (stdout.includes(`${count + 1} unchanged`)) return milliseconds;
    throw new Error(`the preview does not show ${count} unchanged resources: ${stdout}`);
  }

  /** The stack's state, as `pulumi stack export` writes it. */
  async state(): Promise<unknown> {
    return JSON.parse(await this.#run(["stack", "export"]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#project[Symbol.asyncDispose]();
  }

  // Each program has a file of its own, so that Node finds its compiled code again.
  async #choose(program: string): Promise<void> {
    const main = `${createHash("sha256").update(program).digest("hex")}.ts`;
    await this.#project.write({ [main]: program, "package.json": JSON.stringify({ type: "module", main }) });
  }

  async #run(args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#project.run(args);
    if (exitCode === 0) return stdout;
    throw new Error(`pulumi ${args.join(" ")} ended with exit status ${exitCode}: ${stdout}${stderr}`);
  }
}
