// Gets a Node that runs TypeScript and the packages of package-lock.json, then hands over to src/setup.ts.
// Runs on Node 20 with nothing installed, so it imports nothing but Node's own modules and lock.mjs.
//
//   node packages/testbed/bootstrap.mjs [--for javascript|build|tools|hosts] [--quiet] [-- command args...]
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { constants, homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { withLock } from "./lock.mjs";

const NODE_VERSION = "24.21.0";
// The packages run on Node 22.18; tests and benchmarks use `await using`, which came with 24.
const OLDEST_NODE = [24, 0];

const checkout = resolve(import.meta.dirname, "../..");
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "homelab-deploy");
const ownArguments = process.argv.slice(2);
const separator = ownArguments.indexOf("--");
const quiet = ownArguments.slice(0, separator < 0 ? undefined : separator).includes("--quiet");

try {
  const node = await findNode();
  process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
  await installPackages();
  await become(node, [join(import.meta.dirname, "src/setup.ts"), ...ownArguments]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** The Node that runs this file when it is new enough, else one from npm, kept in the cache. */
async function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const home = join(cache, `node-${NODE_VERSION}`);
  const binary = join(home, "node_modules/node/bin/node");
  await step(`node ${NODE_VERSION}`, existsSync(binary), () =>
    withLock(join(cache, "locks/node"), async () => {
      if (existsSync(binary)) return;
      const temporary = mkdtempSync(join(cache, "node-"));
      try {
        // The package brings its binary by an install script, which npm 11 runs only when asked to.
        await run("npm", [
          "install",
          "--prefix",
          temporary,
          "--no-save",
          "--ignore-scripts=false",
          `node@${NODE_VERSION}`,
        ]);
        rmSync(home, { recursive: true, force: true });
        renameSync(temporary, home);
      } finally {
        rmSync(temporary, { recursive: true, force: true });
      }
    }),
  );
  return binary;
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** Runs `npm ci` when what is installed is not what package-lock.json names. */
async function installPackages() {
  await step("npm packages", packagesFit(), () =>
    withLock(join(checkout, ".toolchain/npm.lock"), () => {
      if (!packagesFit()) return run("npm", ["ci", "--no-audit", "--no-fund"], checkout);
    }),
  );
}

// npm leaves a copy of the lock file behind as its last act; packages for other platforms are missing from it.
function packagesFit() {
  const installed = packagesOf(join(checkout, "node_modules/.package-lock.json"));
  const wanted = packagesOf(join(checkout, "package-lock.json"));
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(([path, { version, link, optional }]) => {
    if (path === "") return true;
    const present = installed[path];
    return present ? present.version === version && present.link === link : optional === true;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, link?: boolean, optional?: boolean }> | undefined}
 */
function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined;
}

/**
 * @param {string} name
 * @param {boolean} present
 * @param {() => Promise<unknown>} install
 */
async function step(name, present, install) {
  const start = performance.now();
  if (!present) {
    mkdirSync(cache, { recursive: true });
    console.error(`${name}: installing`);
    await install();
  }
  if (quiet && present) return;
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  console.error(`${name.padEnd(32)} ${(present ? "from cache" : "installed").padEnd(12)} ${seconds} s`);
}

/**
 * @param {string} file
 * @param {string[]} args
 * @param {string} [cwd]
 * @returns {Promise<void>}
 */
function run(file, args, cwd) {
  return new Promise((resolve, reject) => {
    // Standard output belongs to the command that is run in the end.
    const child = spawn(file, args, { cwd, stdio: ["ignore", 2, 2] });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`exit status ${code} of ${file} ${args.join(" ")}`)),
    );
  });
}

/**
 * Runs the command in this process's place: its signals and its end are passed on.
 *
 * @param {string} file
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function become(file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit" });
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
      // A terminal sends Ctrl-C to the whole process group: the child has had it already.
      process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
    }
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
      resolve();
    });
  });
}
