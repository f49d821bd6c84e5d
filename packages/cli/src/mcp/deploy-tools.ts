import { type Goal, goalSchema, revisionSchema } from "@homelab-deploy/core";
import type { DeployResponse } from "@homelab-deploy/core/nats";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { requestDeployment } from "../nats/request-deployment.ts";
import type { Access, Tier } from "./access.ts";
import { type Extra, progressOf } from "./progress.ts";
import { toResult } from "./result.ts";
import { subjectOf, type Target, targetShape, tierSchema } from "./target.ts";

const timeout = 900_000;

const inputShape = {
  ...targetShape,
  branch: revisionSchema.default("master").describe("Git branch or commit of the hosts' flake."),
  action: goalSchema
    .default("switch")
    .describe(
      "switch: activate, and boot from now on. boot: only from the next boot on. test: activate until the next boot. " +
        "dry-activate: change nothing, build and look only.",
    ),
};

const outputShape = {
  subject: z.string(),
  branch: z.string(),
  action: z.string(),
  completed: z.boolean().describe("Whether every host that was meant completed."),
  hosts: z.array(
    z.object({ hostname: z.string(), status: z.string(), error: z.string().nullable(), message: z.string() }),
  ),
  missing: z.array(z.string()).describe("Hosts that were meant, and did not answer."),
};

const annotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false,
} as const;

const meaning =
  "Each host builds its configuration at the given branch and carries out the action at once: there is no dry run and no " +
  "question before (action dry-activate changes nothing). A host that does not come up as it should goes back to what ran " +
  "before. Returns when every host has told its end, after 15 minutes at most.";

/** Adds `deploy`, and `deploy_admin` where there is access for it. */
export function addDeployTools(server: McpServer, access: Access): void {
  server.registerTool(
    "deploy",
    {
      title: "Deploy to test hosts",
      description: `Deploys to hosts of tier test, and to no others. ${meaning}`,
      inputSchema: inputShape,
      outputSchema: outputShape,
      annotations: { title: "Deploy to test hosts", ...annotations },
    },
    (input, extra) => deploy(access, "assistant", "test", input, extra),
  );
  if (!access.admin) return;
  server.registerTool(
    "deploy_admin",
    {
      title: "Deploy to hosts of any tier",
      description: `Deploys to hosts of the given tier, production included. ${meaning}`,
      inputSchema: { tier: tierSchema.describe("Tier of the hosts."), ...inputShape },
      outputSchema: outputShape,
      annotations: { title: "Deploy to hosts of any tier", ...annotations },
    },
    ({ tier, ...input }, extra) => deploy(access, "admin", tier, input, extra),
  );
}

interface Input extends Target {
  readonly branch: string;
  readonly action: Goal;
}

function deploy(access: Access, as: "assistant" | "admin", tier: Tier, input: Input, extra: Extra) {
  return toResult(async () => {
    const { branch, action } = input;
    const subject = subjectOf(tier, input);
    using progress = progressOf(extra);
    progress.tell(`${announced[action]} at ${branch}: every host that listens on ${subject}`);
    const answers = await requestDeployment(
      await access.nats(as),
      subject,
      { action, revision: branch },
      {
        signal: extra.signal,
        timeout,
        discoverSubject: access.discoverSubject,
        onExpected: (hosts) => progress.tell(`${hosts.length} to answer: ${hosts.join(", ")}`),
        onResponse: (response) => progress.tell(lineOf(response)),
      },
    );
    const missing = [...answers.missing];
    const hosts = answers.hosts.map(({ hostname, status, error, message }) => ({
      hostname,
      status,
      error,
      message,
    }));
    const lines = [...answers.hosts.map(lineOf), ...missing.map((hostname) => `${hostname}: no answer`)];
    const { completed } = answers;
    return {
      content: { subject, branch, action, completed, hosts, missing },
      text: lines.join("\n"),
      failed: !completed,
    };
  });
}

const announced: Record<Goal, string> = {
  switch: "Now building and activating the configuration",
  boot: "Now building the configuration, to be booted next,",
  test: "Now building and activating, until the next boot, the configuration",
  "dry-activate": "Changing nothing, only building and looking at the configuration",
};

function lineOf({ hostname, status, error, message }: DeployResponse): string {
  const code = error === null ? "" : ` (${error})`;
  return `${hostname}: ${status}${code}${message === "" ? "" : `: ${message}`}`;
}
