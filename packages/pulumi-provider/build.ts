import { chmod, copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { embedded } from "../core/embedded.ts";

// Makes bin/: the plugin as one file, since starting it costs every Pulumi command, and the executable that Pulumi looks
// for. The bundle takes the core library from its sources, and of @pulumi/pulumi the generated messages only.
const directory = fileURLToPath(new URL("bin/", import.meta.url));
const bundle = `${directory}plugin.cjs`;
const executable = `${directory}pulumi-resource-nixos`;

await mkdir(directory, { recursive: true });
await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: ["src/plugin.ts"],
  outfile: `${bundle}.new`,
  bundle: true,
  platform: "node",
  target: "node22.18",
  format: "cjs",
  conditions: ["@homelab-deploy/source"],
  define: embedded(),
  // Only the source tree reads files beside its modules.
  logOverride: { "empty-import-meta": "silent" },
  legalComments: "none",
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: "warning",
});
await rename(`${bundle}.new`, bundle);
await copyFile(fileURLToPath(new URL("launcher.cjs", import.meta.url)), executable);
await chmod(executable, 0o755);
// Node reads a file without extension as the nearest package.json says; Pulumi takes a directory with PulumiPlugin.yaml
// for a plugin, and runs the executable in it.
await writeFile(`${directory}package.json`, `${JSON.stringify({ type: "commonjs" })}\n`);
await writeFile(`${directory}PulumiPlugin.yaml`, "runtime: nodejs\n");
