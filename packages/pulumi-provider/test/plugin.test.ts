import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { afterEach, describe, expect, it } from "vitest";
import { connect } from "./support/provider-client.ts";

const main = fileURLToPath(new URL("../src/plugin.ts", import.meta.url));
const started: ChildProcess[] = [];

async function start() {
  const child = spawn(process.execPath, ["--conditions=@homelab-deploy/source", main, "127.0.0.1:1"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  started.push(child);
  const exit = once(child, "exit");
  const [line] = await once(child.stdout, "data");
  return { child, exit, line: String(line) };
}

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

describe("the plugin's process", () => {
  it("writes its port and nothing else, and answers there with the schema", async () => {
    const { line } = await start();
    expect(line).toMatch(/^\d+\n$/);
    const provider = connect(Number(line));
    const schema = await provider.call(provider.client.getSchema, new messages.GetSchemaRequest());
    expect(JSON.parse(schema.getSchema())).toMatchObject({ name: "nixos", version: "0.1.0" });
    provider.close();
  });

  it("ends with status 0 on SIGINT", async () => {
    const { child, exit } = await start();
    child.kill("SIGINT");
    expect(await exit).toEqual([0, null]);
  });

  // The engine gives its plugins a pipe as stdin, as a shell does.
  it("ends when the engine that holds its stdin is gone", () => {
    const plugin = `"${process.execPath}" --conditions=@homelab-deploy/source "${main}"`;
    const { status, stdout } = spawnSync("sh", ["-c", `sleep 1 | ${plugin}`], {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\n$/) });
  });
});
