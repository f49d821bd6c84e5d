import { availableParallelism } from "node:os";
import { DeployError, type ErrorCode } from "../errors.ts";
import { CommandError, lastLines } from "../process/command-error.ts";
import { type RunOptions, type RunResult, run } from "../process/run.ts";

/** `nix` with the features that this project needs switched on, whatever nix.conf says. */
export function nixArgv(args: readonly string[]): string[] {
  return ["nix", "--extra-experimental-features", "nix-command flakes", ...args];
}

/** Runs `nix ARGS`. A failure is thrown with `code` and Nix's own message; a missing program says how to get it. */
export async function nix(args: readonly string[], code: ErrorCode, options: RunOptions): Promise<RunResult> {
  try {
    return await run(nixArgv(args), options);
  } catch (error) {
    throw nixFailure(error, code);
  }
}

/** `error`, when it comes from running Nix, as a DeployError of `code`. */
export function nixFailure(error: unknown, code: ErrorCode): unknown {
  if (!(error instanceof CommandError)) return error;
  if (error.missing) {
    return new DeployError("tool-missing", "nix is not on PATH", {
      cause: error,
      hint: "Install Nix 2.18 or newer: https://nixos.org/download",
    });
  }
  if (error.timedOut) return new DeployError("timeout", error.message, { cause: error });
  return new DeployError(code, nixMessage(error.stderr) || error.message, { cause: error });
}

/**
 * The message of Nix's last error, with the position nearest to it, relative to the flake's root:
 * `undefined variable 'x' (at hosts/web01.nix:3:7)`.
 */
export function nixMessage(stderr: string): string {
  const lines = withoutColours(stderr).split("\n");
  const start = lines.findLastIndex((line) => /^\s*error:/.test(line));
  if (start < 0) return lastLines(stderr, 5);
  const after = lines.slice(start);
  const end = after.findIndex((line, index) => index > 0 && /^\s*(at \S|\d+\|)/.test(line));
  const message = (end < 0 ? after : after.slice(0, end))
    .join("\n")
    .replace(/^\s*error:\s*/, "")
    .trimEnd();
  return position(after) || position(lines)
    ? `${dedent(message)} (at ${position(after) || position(lines)})`
    : dedent(message);
}

/** `text` without the escape sequences that colour a terminal. */
export function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

/** How many Nix evaluations may run side by side: bounded by cores and, at 0.6 GiB each, by free memory. */
export function evaluationParallelism(freeBytes: number): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(freeBytes / (0.6 * 2 ** 30))));
}

function position(lines: readonly string[]): string {
  const line = lines.findLast((candidate) => /^\s*at \/\S+:\d+:\d+:?$/.test(candidate)) ?? "";
  return line
    .replace(/^\s*at /, "")
    .replace(/:$/, "")
    .replace(/^\/nix\/store\/[^/]+\//, "")
    .replace(/^.*«([^»]*)».*$/, "$1");
}

function dedent(text: string): string {
  const indent = Math.min(
    ...text
      .split("\n")
      .slice(1)
      .filter((line) => line.trim() !== "")
      .map((line) => line.search(/\S/)),
  );
  return Number.isFinite(indent) ? text.replaceAll(`\n${" ".repeat(indent)}`, "\n") : text;
}
