import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa, type Options, type ResultPromise } from "execa";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { cache, checkout } from "../setup/places.ts";

export interface ProjectOptions {
  /** Text of the project's files, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly stack: string;
  /** The stack's configuration, `package:key` by `package:key`. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Text of standard input. */
  readonly input?: string;
}

export interface PulumiResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const previewSchema = z.object({
  steps: z.array(
    z.object({
      op: z.string(),
      urn: z.string(),
      detailedDiff: z.record(z.string(), z.object({ kind: z.string() })).nullish(),
    }),
  ),
  diagnostics: z
    .array(z.object({ urn: z.string().nullish(), severity: z.string(), message: z.string() }))
    .nullish(),
});

export type Preview = z.infer<typeof previewSchema>;

/** Where the plugin lies that `npm run setup` builds. */
export const pluginDirectory = join(checkout, "packages/pulumi-provider/bin");

/**
 * A stack of a Pulumi project in a directory, with a state backend and a home of its own, driven by the real `pulumi`
 * command. Programs in the project see this checkout's npm packages.
 */
export class Project implements AsyncDisposable {
  readonly directory: string;
  readonly stack: string;
  readonly #temporary: string;

  static async create(options: ProjectOptions): Promise<Project> {
    const temporary = await mkdtemp(join(tmpdir(), "homelab-project-"));
    const project = new Project(join(temporary, "project"), options.stack, temporary);
    for (const folder of ["home", "state", "project"]) await mkdir(join(temporary, folder));
    await symlink(join(checkout, "node_modules"), join(project.directory, "node_modules"));
    await project.write(options.files);
    await project.configure(options.config);
    const { exitCode, stderr } = await project.run(["stack", "init", options.stack, "--no-select"]);
    if (exitCode !== 0) throw new Error(`pulumi stack init: ${stderr}`);
    return project;
  }

  private constructor(directory: string, stack: string, temporary: string) {
    this.directory = directory;
    this.stack = stack;
    this.#temporary = temporary;
  }

  /** Everything that Pulumi itself writes: state, history, credentials, plugins. */
  get ownFiles(): string {
    return this.#temporary;
  }

  /** Writes files of the project. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.directory, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  /** Replaces the stack's configuration, which may hold no secrets: `pulumi config set --secret` adds those. */
  async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
    const file = join(this.directory, `Pulumi.${this.stack}.yaml`);
    const kept = parse(await readFile(file, "utf8").catch(() => "{}")) as object;
    await writeFile(file, stringify({ ...kept, config }));
  }

  /** Runs `pulumi ARGS` on the stack to its end, whatever its exit status. */
  async run(args: readonly string[], options: CommandOptions = {}): Promise<PulumiResult> {
    const { exitCode, stdout, stderr } = await this.start(args, options);
    return { exitCode: exitCode ?? 1, stdout: String(stdout), stderr: String(stderr) };
  }

  /** Starts `pulumi ARGS` on the stack. */
  start(args: readonly string[], { env = {}, input = "" }: CommandOptions = {}): ResultPromise {
    const where = args[1] === "init" ? [] : ["--stack", this.stack];
    const options: Options = {
      cwd: this.directory,
      reject: false,
      input,
      maxBuffer: 50_000_000,
      env: {
        XDG_STATE_HOME: join(this.#temporary, "home"),
        PULUMI_HOME: join(this.#temporary, "home"),
        PULUMI_BACKEND_URL: `file://${join(this.#temporary, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "for tests only",
        PULUMI_SKIP_UPDATE_CHECK: "1",
        NODE_COMPILE_CACHE: join(cache, "node-compile-cache"),
        ...env,
      },
    };
    return execa("pulumi", [...args, "--non-interactive", ...where], options) as ResultPromise;
  }

  /** What `pulumi preview --json` says. Throws with its output when it cannot be read. */
  async preview(args: readonly string[] = []): Promise<Preview> {
    const { stdout, stderr } = await this.run(["preview", "--json", ...args]);
    try {
      return previewSchema.parse(JSON.parse(stdout));
    } catch (error) {
      throw new Error(`pulumi preview --json: ${stdout}\n${stderr}`, { cause: error });
    }
  }

  /** The stack's outputs, secrets not shown. */
  async outputs(): Promise<Record<string, unknown>> {
    const { stdout } = await this.run(["stack", "output", "--json"]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true });
  }
}

/** The resource name in a URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}
