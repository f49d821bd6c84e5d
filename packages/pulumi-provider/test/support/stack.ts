import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameOf, type Preview, type Project } from "@homelab-deploy/testbed";
import { expect } from "vitest";

/** Runs `pulumi ARGS`, which has to succeed. */
export async function mustRun(project: Project, args: readonly string[], input = "") {
  const result = await project.run(args, { input });
  expect(result.exitCode, `${args.join(" ")}\n${result.stdout}${result.stderr}`).toBe(0);
  return result;
}

/** Operation, name and differing properties of every step of a plan that changes something. */
export const changes = (preview: Preview) =>
  preview.steps
    .filter(({ op }) => op !== "same")
    .map(({ op, urn, detailedDiff }) => [op, nameOf(urn), Object.keys(detailedDiff ?? {})]);

/** What the state says of each host. */
export async function states(project: Project): Promise<Record<string, unknown>> {
  const { stdout } = await project.run(["stack", "export"]);
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources?: { urn: string; type: string; inputs: unknown; outputs: unknown }[] };
  };
  const found = (deployment.resources ?? []).filter(({ type }) => type === "nixos:index:Host");
  return Object.fromEntries(found.map(({ urn, inputs, outputs }) => [nameOf(urn), { inputs, outputs }]));
}

/** The errors in the diagnostics of one host. */
export function errorsOf(output: string, host: string): string[] {
  const diagnostics = output.slice(output.lastIndexOf("Diagnostics:"));
  const start = diagnostics.indexOf(`nixos:index:Host (${host}):`);
  if (start < 0) return [];
  const end = diagnostics.slice(start + 1).search(/\n {2}\S/);
  const block = end < 0 ? diagnostics.slice(start) : diagnostics.slice(start, start + 1 + end);
  return block.split("\n").filter((line) => line.includes("error:"));
}

/** A directory with a `nix` that writes its arguments to a file before it does what it is asked. */
export function recordingNix() {
  const directory = mkdtempSync(join(tmpdir(), "recording-nix-"));
  const log = join(directory, "log");
  const real = execFileSync("sh", ["-c", "command -v nix"], { encoding: "utf8" }).trim();
  writeFileSync(join(directory, "nix"), `#!/bin/sh\necho "$*" >> ${log}\nexec ${real} "$@"\n`);
  chmodSync(join(directory, "nix"), 0o755);
  return {
    env: { PATH: `${directory}:${process.env.PATH}` },
    take: () => {
      const lines = existsSync(log) ? readFileSync(log, "utf8") : "";
      rmSync(log, { force: true });
      return lines;
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}
