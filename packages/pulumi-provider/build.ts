import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { guardScript } from "../core/src/activation/guard.ts";
import { inventoryExpression } from "../core/src/nix/inventory.ts";

// Makes bin/: the plugin as one file, since starting it costs every Pulumi command, and the executable that Pulumi looks
// for. The bundle takes the core library from its sources, and of @pulumi/pulumi the generated messages only.
const directory = fileURLToPath(new URL("bin/", import.meta.url));
const bundle = `${directory}plugin.cjs`;
const executable = `${directory}pulumi-resource-nixos`;
// Compiled code is kept on disk: it saves a quarter of the start. In the user's own cache: what Node would choose lies in
// the shared temporary directory, where others could put code for a plugin that runs as root.
const launcher = `#!/usr/bin/env node
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error("pulumi-resource-nixos needs Node 22.18 or newer on PATH; this is " + process.version);
  process.exit(1);
}
const { homedir } = require("node:os");
const cache = process.env.XDG_CACHE_HOME || homedir() + "/.cache";
require("node:module").enableCompileCache(cache + "/homelab-deploy/compile-cache");
require("./plugin.cjs");
`;

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
  define: {
    HOMELAB_ACTIVATE: JSON.stringify(guardScript()),
    HOMELAB_INVENTORY: JSON.stringify(inventoryExpression()),
  },
  // Only the source tree reads files beside its modules.
  logOverride: { "empty-import-meta": "silent" },
  legalComments: "none",
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: "warning",
});
await rename(`${bundle}.new`, bundle);
await writeFile(executable, launcher);
await chmod(executable, 0o755);
// Node reads a file without extension as the nearest package.json says; Pulumi takes a directory with PulumiPlugin.yaml
// for a plugin, and runs the executable in it.
await writeFile(`${directory}package.json`, `${JSON.stringify({ type: "commonjs" })}\n`);
await writeFile(`${directory}PulumiPlugin.yaml`, "runtime: nodejs\n");
