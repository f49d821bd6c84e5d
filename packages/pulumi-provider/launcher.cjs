#!/usr/bin/env node
// Compiled code is kept on disk: it saves a quarter of the start. In the user's own cache: what Node would choose lies in
// the shared temporary directory, where others could put code for a plugin that runs as root.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`pulumi-resource-nixos needs Node 22.18 or newer on PATH; this is ${process.version}`);
  process.exit(1);
}
const { homedir } = require("node:os");
const cache = process.env.XDG_CACHE_HOME || `${homedir()}/.cache`;
require("node:module").enableCompileCache(`${cache}/homelab-deploy/compile-cache`);
require("./plugin.cjs");
