import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { embedded } from "../core/embedded.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/**
 * Makes `outfile`: the command, or another program with its sources, as one file, for any Node from 22.18 on, with the guard
 * and what finds hosts inside.
 */
export async function bundleCommand(outfile: string, program = "src/main.ts"): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [program],
    outfile,
    bundle: true,
    platform: "node",
    target: "node22.18",
    format: "esm",
    conditions: ["@homelab-deploy/source"],
    define: embedded(),
    // For what is inside that is no ES module.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    legalComments: "none",
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "warning",
  });
}
