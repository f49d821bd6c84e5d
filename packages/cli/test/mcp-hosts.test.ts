import { join } from "node:path";
import { readIdentity } from "@homelab-deploy/core/nats";
import { noHosts } from "@homelab-deploy/testbed";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSite, type Site } from "./support/site.ts";

const main = join(import.meta.dirname, "../src/main.ts");
const branches = {
  master: `{ environment.etc.marker.text = "master"; }`,
  failing: `{ environment.etc.marker.text = "failing"; systemd.services.failing = { wantedBy = [ "multi-user.target" ];
    serviceConfig = { Type = "oneshot"; ExecStart = "/bin/sh -c 'echo out of luck; exit 1'"; }; }; }`,
};

describe.skipIf(noHosts)("an assistant, with a host that demands signatures", () => {
  let site: Site;
  const client = new Client({ name: "test", version: "1" });
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const options = { onprogress: () => {}, timeout: 120_000, resetTimeoutOnProgress: true };
    const result = await client.callTool({ name, arguments: args }, undefined, options);
    const [text] = result.content as { text: string }[];
    return { failed: result.isError === true, text: text?.text ?? "", content: result.structuredContent };
  };
  const marker = () => site.shell("web01", "cat /etc/marker 2>/dev/null || true");

  beforeAll(async () => {
    site = await openSite(["web01"], branches);
    const key = (await readIdentity({ nkeyFile: site.nkeyFile }))?.publicKey ?? "";
    await site.listen("web01", "--tier", "test", "--trusted-key", key);
    const flags = ["mcp", "--nats-url", site.server.url, "--nkey-file", site.nkeyFile];
    const args = ["--conditions=@homelab-deploy/source", main, ...flags];
    await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  });
  afterAll(async () => {
    await client.close();
    await site?.remove();
  });

  it("finds it, deploys to it, and reads what it runs", async () => {
    expect((await call("list_hosts")).content).toMatchObject({
      hosts: [{ hostname: "web01", tier: "test" }],
    });
    const { failed, text } = await call("deploy", { hostname: "web01" });
    expect([failed, text]).toEqual([false, "web01: completed: Successfully switched to generation 2"]);
    expect(await marker()).toBe("master");
    const { content } = await call("host_status", { hostname: "web01" });
    expect(content).toMatchObject({ hostname: "web01", generation: 2, failedUnits: [] });
    const history = await call("deployment_history", { hostname: "web01" });
    expect(history.content).toMatchObject({ deployments: [{ goal: "switch", outcome: "committed" }] });
  });

  it("is told that a system was taken back, and why", async () => {
    const { failed, text } = await call("deploy", { all: true, branch: "failing" });
    expect([failed, await marker()]).toEqual([true, "master"]);
    expect(text).toMatch(/web01: failed \(build_failed\): .*rolled back.*failing\.service/s);
  });
});
