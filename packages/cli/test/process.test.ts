import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { createUserKey } from "@homelab-deploy/core/nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleCommand } from "../build.ts";

describe("the command, as it is built", () => {
  const directory = mkdtempSync(join(tmpdir(), "homelab-process-test-"));
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

  it("ends as a listener when it is told so, also when a server takes its connection and never answers", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    writeFileSync(join(directory, "nkey"), createUserKey().seed);
    const reach = ["--nats-url", `nats://127.0.0.1:${port}`, "--nkey-file", join(directory, "nkey")];
    const flags = ["--hostname", "web01", "--tier", "test", "--flake-url", "git+file:///srv/configs"];
    const child = spawn(process.execPath, [command, "listener", ...flags, ...reach], { stdio: "ignore" });
    const ended = once(child, "exit");
    try {
      await once(server, "connection");
      child.kill("SIGTERM");
      const late = delay(20_000, "late", { ref: false });
      expect(await Promise.race([ended, late])).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
      server.close();
    }
  });
});
