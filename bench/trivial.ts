import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Timed } from "./measure.ts";
import { Stack } from "./stack.ts";

/** What previews cost that have next to nothing to do. */
export interface Trivial extends AsyncDisposable {
  /**
   * Previews resources of a provider that is TypeScript, bundled and started like this project's, and does nothing: what
   * is above this is the work for hosts. An ordinary TypeScript provider, which loads all of @pulumi/pulumi, starts 0.5 s
   * later.
   */
  readonly preview: Timed;
  /** Previews resources that are part of the engine and need no provider. */
  readonly previewBuiltIn: Timed;
  /** Previews a program that imports this project's library and has no resources. */
  readonly previewNothing: Timed;
}

/** Makes stacks with `count` resources, or none. */
export async function openTrivial(count: number): Promise<Trivial> {
  await using undo = new AsyncDisposableStack();
  const plugin = await mkdtemp(join(tmpdir(), "homelab-bench-trivial-"));
  undo.defer(() => rm(plugin, { recursive: true, force: true }));
  await buildPlugin(plugin);

  const open = async (name: string, program: string, count: number): Promise<Timed> => {
    const stack = undo.use(await Stack.create({ name, plugins: { trivial: plugin } }));
    await stack.up(program);
    return () => stack.preview(program, count);
  };
  const preview = await open("trivial", programOf("trivial:index:Trivial", count), count);
  const previewBuiltIn = await open("built-in", programOf("pulumi:index:Stash", count), count);
  const previewNothing = await open("nothing", 'import "@homelab-deploy/pulumi";', 0);
  const kept = undo.move();
  return { preview, previewBuiltIn, previewNothing, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function buildPlugin(directory: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "trivial/plugin.ts")],
    outfile: join(directory, "plugin.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
  });
  const executable = join(directory, "pulumi-resource-trivial");
  const compileCache = 'require("node:module").enableCompileCache();';
  await writeFile(executable, `#!/usr/bin/env node\n${compileCache}\nrequire("./plugin.cjs");\n`);
  await chmod(executable, 0o755);
}

// Light as the programs for hosts are: it does not import all of @pulumi/pulumi.
function programOf(type: string, count: number): string {
  return `
import { CustomResource } from "@pulumi/pulumi/resource.js";

for (let index = 0; index < ${count}; index++) {
  new CustomResource("${type}", "trivial" + index, { input: index, output: undefined });
}
`;
}
