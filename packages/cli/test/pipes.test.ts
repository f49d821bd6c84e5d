import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleCommand } from "../build.ts";

describe("the command, as it is built, in a pipe", () => {
  const directory = mkdtempSync(join(tmpdir(), "homelab-pipes-test-"));
  const command = join(directory, "homelab-deploy.mjs");
  const bash = (script: string) =>
    new Promise((resolve) => {
      const env = { ...process.env, RUN: `${process.execPath} ${command}` };
      execFile("bash", ["-c", script], { cwd: directory, env }, (_error, stdout, stderr) =>
        resolve({ stdout, stderr }),
      );
    });

  beforeAll(() => bundleCommand(command));
  afterAll(() => rmSync(directory, { recursive: true }));

  it("ends quietly, and as a program does that SIGPIPE ends, when nobody reads its result", async () =>
    expect(await bash("$RUN completion bash | true; echo $" + "{PIPESTATUS[0]}")).toEqual({
      stdout: "141\n",
      stderr: "",
    }));

  it("goes on when nobody reads its story", async () =>
    expect(await bash("{ $RUN rollback; echo $? >status; } 2>&1 | true; cat status")).toEqual({
      stdout: "2\n",
      stderr: "",
    }));

  it("says what keeps its result from being written", async () =>
    expect(await bash("$RUN completion bash >/dev/full; echo $?")).toEqual({
      stdout: "1\n",
      stderr: expect.stringMatching(/^standard output: ENOSPC: .*\n$/),
    }));

  it("ends when the reader leaves between two results", async () => {
    const flake = `{ outputs = _: { nixosConfigurations."web01.invalid".config = {}; }; }`;
    writeFileSync(join(directory, "flake.nix"), flake);
    const args = [command, "status", "--flake", "path:.", "--no-evaluate", "--watch", "1", "--timeout", "1s"];
    const child = spawn(process.execPath, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdout.once("data", () => child.stdout.destroy());
    expect([await text(child.stderr), await ended]).toEqual(["", 141]);
  });
});
