import { resolve } from "node:path";
import { z } from "zod";
import { run } from "../../packages/testbed/src/process.ts";

export interface ModuleCheck {
  /** The file, from the root of the checkout. */
  readonly file: string;
  /** What was evaluated with it. */
  readonly evaluated: readonly string[];
  /** Nix's own message, when one of them does not evaluate. */
  readonly error?: string;
}

interface CheckOptions {
  /** The flake reference of a nixpkgs. */
  readonly nixpkgs: string;
  /** A checkout of this repository. */
  readonly checkout: string;
}

/** Evaluates hosts and fleets with each file of nix/modules and nix/fleet, one file after another. */
export async function* checkModules({ nixpkgs, checkout }: CheckOptions): AsyncGenerator<ModuleCheck> {
  const metadata = await run(["nix", "flake", "metadata", "--json", "--no-write-lock-file", nixpkgs]);
  const { path } = z.object({ path: z.string() }).parse(JSON.parse(metadata));
  const checks = `import ${resolve(checkout)}/nix/checks/modules.nix {
    nixpkgs = builtins.getFlake "path:${path}";
    system = "x86_64-linux";
  }`;
  const evaluate = async (apply: string): Promise<unknown> =>
    JSON.parse(await run(["nix", "eval", "--impure", "--json", "--expr", `${apply} (${checks})`]));

  for (const file of z.array(z.string()).parse(await evaluate("builtins.attrNames"))) {
    const of = `(all: all.${JSON.stringify(file)})`;
    try {
      const systems = z.record(z.string(), z.string()).parse(await evaluate(of));
      yield { file, evaluated: Object.keys(systems) };
    } catch (error) {
      yield { file, evaluated: [], error: nixMessage(error) };
    }
  }
}

// Nix tells the reason after everything that it was doing meanwhile.
function nixMessage(error: unknown): string {
  const text = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  return text.slice(Math.max(text.lastIndexOf("error:"), 0)).trim();
}
