import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../src/run-command.ts";
import { runHere } from "./support/run-cli.ts";

const run = promisify(execFile);
const { signal } = new AbortController();

const completion = (shell: string) => runHere("completion", shell);

describe("homelab-deploy completion", () => {
  const directory = mkdtempSync(join(tmpdir(), "completion-test-"));
  beforeAll(async () => {
    writeFileSync(join(directory, "a key"), "");
    writeFileSync(join(directory, "script"), (await completion("bash")).stdout);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** What bash offers for the last word of a line. */
  async function offered(...words: string[]): Promise<string[]> {
    // compopt complains outside of a real completion.
    const script = `source ./script; compopt() { :; }; COMP_WORDS=(homelab-deploy "$@"); COMP_CWORD=$#
      _homelab_deploy; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run("bash", ["--norc", "-c", script, "bash", ...words], { cwd: directory });
    return stdout.split("\n").filter((line) => line !== "");
  }

  it.each([
    [["ap"], ["apply"]],
    [["apply", "--go"], ["--goal"]],
    [
      ["apply", "--goal", ""],
      ["switch", "boot", "test", "dry-activate"],
    ],
    [["apply", "--goal", "boot", "--reb"], ["--reboot"]],
    [["apply", "--tier", "plan", "--goal", "b"], ["boot"]],
    [["status", "--tier", ""], []],
    [
      ["--config", "x", "keys", ""],
      ["generate", "public", "rotate"],
    ],
    [["keys", "rotate", "a"], ["a key"]],
    [
      ["nats-config", "a"],
      ["apply", "a key"],
    ],
    [["status", "--identity-file", "a"], ["a key"]],
    [["--config", "keys", "st"], ["status"]],
    [["completion", "z"], ["zsh"]],
    [["plan", "--js"], ["--json"]],
  ])("bash: %j offers %j", async (words, expected) =>
    expect((await offered(...words)).sort()).toEqual([...expected].sort()),
  );

  it.each(["bash", "zsh", "fish"])("%s: knows every command and flag", async (shell) => {
    const { stdout } = await completion(shell);
    const nothing = () => {};
    const program = createProgram({ stdout: nothing, stderr: nothing, signal });
    const all = program.commands.flatMap((command) => [command, ...command.commands]);
    expect(all.length).toBeGreaterThan(15);
    for (const command of all) {
      expect(stdout).toContain(command.name());
      for (const { long } of command.options)
        expect(stdout).toContain(shell === "fish" ? `-l ${long?.slice(2)}` : long);
    }
  });

  it("refuses other shells", async () => {
    const { status, stderr } = await completion("tcsh");
    expect([status, stderr]).toEqual([2, expect.stringContaining("bash, zsh, fish")]);
  });

  it("bash takes the script for what it is", () => {
    execFileSync("bash", ["-n", join(directory, "script")]);
  });
});
