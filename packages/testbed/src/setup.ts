// The set-up of a checkout, under the Node that bootstrap.mjs found:
//
//   node src/setup.ts [--for javascript|build|tools|hosts] [--quiet] [-- command args...]
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { ExecaError } from "execa";
import { z } from "zod";
import { buildPackages } from "./setup/build-packages.ts";
import { installDebianPackages } from "./setup/debian-packages.ts";
import { makeDebianRoot } from "./setup/debian-root.ts";
import { findNatsServer } from "./setup/nats-server.ts";
import { nixOfDebianRoot, ownNix } from "./setup/nix.ts";
import { checkout, toolchain } from "./setup/places.ts";
import { findPromtool } from "./setup/promtool.ts";
import { findPulumi } from "./setup/pulumi.ts";
import { type Outcome, step, Unavailable } from "./setup/step.ts";
import { linkToolchain } from "./setup/toolchain-directory.ts";

const Level = z.enum(["javascript", "build", "tools", "hosts"]);
type Level = z.infer<typeof Level>;

const { options, command } = commandLine(process.argv.slice(2));
const isRoot = process.getuid?.() === 0;

try {
  const variables = await setUp(options.level);
  if (command.length > 0) become(command, variables);
} catch (error) {
  const failures = error instanceof AggregateError ? error.errors : [error];
  for (const failure of failures) console.error(isExpected(failure) ? failure.message : failure);
  process.exitCode = 1;
}

function commandLine(args: readonly string[]) {
  const separator = args.indexOf("--");
  const own = separator < 0 ? args : args.slice(0, separator);
  const { values } = parseArgs({
    args: [...own],
    options: { for: { type: "string", default: "hosts" }, quiet: { type: "boolean", default: false } },
  });
  return {
    options: { level: Level.parse(values.for), quiet: values.quiet },
    command: separator < 0 ? [] : args.slice(separator + 1),
  };
}

/** Does everything that `level` needs, side by side, and returns the environment of commands that use it. */
async function setUp(level: Level): Promise<Record<string, string>> {
  const variables: Record<string, string> = { HOMELAB_TEST_HOSTS: level === "hosts" && isRoot ? "1" : "0" };
  const outcomes = await all(stepsOf(level));
  if (level === "hosts" && !isRoot) {
    console.error("no test hosts: systemd-nspawn, overlays and network namespaces need root");
  }
  if (level === "tools" || level === "hosts") {
    await linkToolchain(
      outcomes.flatMap(({ commands }) => commands ?? []),
      { PULUMI_SKIP_UPDATE_CHECK: "1" },
    );
    variables.PULUMI_SKIP_UPDATE_CHECK = "1";
  }
  return variables;
}

function stepsOf(level: Level): readonly (() => Promise<readonly Outcome[]>)[] {
  const say = (work: () => Promise<Outcome>) => step(options.quiet, work);
  const tools = [
    async () => [await say(findPulumi)],
    async () => [await say(findNatsServer)],
    async () => [await say(findPromtool)],
    async () => nixAndRoot(level, say),
  ];
  if (level === "javascript") return [];
  return [async () => [await say(buildPackages)], ...(level === "build" ? [] : tools)];
}

/** The Debian root is the ground of test hosts, and where a machine without Nix has it from. */
async function nixAndRoot(
  level: Level,
  say: (work: () => Promise<Outcome>) => Promise<Outcome>,
): Promise<Outcome[]> {
  const nix = await ownNix();
  const outcomes = nix ? [await say(async () => nix)] : [];
  if (nix && (level === "tools" || !isRoot)) return outcomes;
  if (!isRoot)
    throw new Unavailable("Nix is missing, and this set-up installs it only as root: install Nix >= 2.18");
  outcomes.push(await say(installDebianPackages), await say(makeDebianRoot));
  if (!nix) outcomes.push(await say(nixOfDebianRoot));
  return outcomes;
}

// Every step gets to its end: a failure of one does not cut another one short.
async function all<T>(steps: readonly (() => Promise<T | readonly T[]>)[]): Promise<T[]> {
  const results = await Promise.allSettled(steps.map((work) => work()));
  const failures = results.flatMap((result) =>
    result.status === "rejected" ? failuresIn(result.reason) : [],
  );
  if (failures.length > 0) throw new AggregateError(failures);
  return results.flatMap((result) => (result.status === "fulfilled" ? result.value : [])) as T[];
}

function failuresIn(reason: unknown): readonly unknown[] {
  return reason instanceof AggregateError ? reason.errors : [reason];
}

function isExpected(failure: unknown): failure is Error {
  return failure instanceof Unavailable || failure instanceof ExecaError;
}

/** Replaces this process by the command, which thus gets its signals and gives its exit status itself. */
function become(argv: readonly string[], variables: Readonly<Record<string, string>>): never {
  const path = [join(toolchain, "bin"), join(checkout, "node_modules/.bin"), process.env.PATH ?? ""].join(
    delimiter,
  );
  const env = { ...process.env, ...variables, PATH: path };
  // A shell finds the command on the new PATH.
  return process.execve?.(
    "/bin/sh",
    ["sh", "-c", 'exec "$0" "$@"', ...argv],
    env as Record<string, string>,
  ) as never;
}
