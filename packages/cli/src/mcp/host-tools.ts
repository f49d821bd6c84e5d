import { DeployError } from "@homelab-deploy/core";
import { ask, type Discovered, tokenSchema } from "@homelab-deploy/core/nats";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { describeDeployment } from "../host/describe.ts";
import { discover } from "../nats/discover.ts";
import type { Access, Tier } from "./access.ts";
import { toResult } from "./result.ts";
import { statusShape, summarise } from "./status.ts";
import { subjectOf, targetShape, tierSchema } from "./target.ts";

const annotations = { readOnlyHint: true, openWorldHint: false } as const;

const hostShape = {
  hostname: z.string(),
  tier: z.string(),
  role: z.string().optional(),
  subjects: z.array(z.string()).describe("Subjects on which it takes deployments."),
};

/** Adds the tools that look, and change nothing. */
export function addHostTools(server: McpServer, access: Access): void {
  const tiers: readonly Tier[] = access.admin ? tierSchema.options : ["test"];
  const tierShape = { tier: z.enum(tiers).default("test").describe("Tier of the host, or hosts.") };
  const find = async (signal: AbortSignal, tier?: Tier) =>
    discover(await access.nats(access.admin ? "admin" : "assistant"), {
      signal,
      subject: access.discoverSubject,
      tier,
    });
  const inspect = async (tier: Tier, host: string, signal: AbortSignal) => {
    const nats = await access.nats(tier === "test" ? "assistant" : "admin");
    return summarise(tier, await ask(nats, { tier, host }, "inspect", {}, { signal }));
  };

  server.registerTool(
    "list_hosts",
    {
      title: "List hosts",
      description: `Finds the hosts that can be deployed to: those whose listener answers within seconds${access.admin ? "" : ", of tier test"}.`,
      inputSchema: { tier: tierSchema.optional().describe("Only hosts of this tier.") },
      outputSchema: { hosts: z.array(z.object(hostShape)) },
      annotations: { title: "List hosts", ...annotations },
    },
    ({ tier }, { signal }) =>
      toResult(async () => {
        const hosts = (await find(signal, tier)).map(toHost);
        const lines = hosts.map(
          ({ hostname, tier, role }) => `${hostname}: tier ${tier}${role ? `, role ${role}` : ""}`,
        );
        return { content: { hosts }, text: lines.join("\n") || "no host answers" };
      }),
  );

  server.registerTool(
    "host_status",
    {
      title: "Status of a host",
      description:
        "Tells what a host runs and boots, whether it needs a reboot, its failed units and last deployments.",
      inputSchema: { hostname: tokenSchema.describe("Name of the host."), ...tierShape },
      outputSchema: statusShape,
      annotations: { title: "Status of a host", ...annotations },
    },
    ({ hostname, tier }, { signal }) =>
      toResult(async () => {
        const status = await inspect(tier, hostname, signal);
        return { content: status, text: JSON.stringify(status, null, 2) };
      }),
  );

  server.registerTool(
    "plan_deployment",
    {
      title: "Plan a deployment",
      description:
        "Tells which hosts a deployment would go to, what each runs now, and whether something stands in its way. Changes " +
        "and builds nothing; what a branch holds is only known to the hosts when they build it (action dry-activate of deploy).",
      inputSchema: { ...targetShape, ...tierShape },
      outputSchema: {
        subject: z.string(),
        hosts: z.array(
          z.object({
            hostname: z.string(),
            problem: z.string().optional(),
            status: z.object(statusShape).optional(),
          }),
        ),
      },
      annotations: { title: "Plan a deployment", ...annotations },
    },
    ({ tier, ...target }, { signal }) =>
      toResult(async () => {
        const subject = subjectOf(tier, target);
        const meant = (await find(signal, tier)).filter((host) => host.deploy_subjects.includes(subject));
        if (meant.length === 0) throw new DeployError("unreachable", `nobody listens on ${subject}`);
        const hosts = await Promise.all(
          meant.map(async ({ hostname }) => {
            try {
              const status = await inspect(tier, hostname, signal);
              const problem = status.underWay && `deployment ${status.underWay.id} is under way`;
              return { hostname, status, ...(problem && { problem }) };
            } catch (error) {
              return { hostname, problem: error instanceof Error ? error.message : String(error) };
            }
          }),
        );
        return { content: { subject, hosts }, text: JSON.stringify({ subject, hosts }, null, 2) };
      }),
  );

  server.registerTool(
    "deployment_history",
    {
      title: "Deployments of a host",
      description: "Tells the deployments of a host's own journal, the newest first, whoever made them.",
      inputSchema: {
        hostname: tokenSchema.describe("Name of the host."),
        count: z.int().min(1).max(100).default(10).describe("How many at most."),
        ...tierShape,
      },
      outputSchema: {
        deployments: z.array(z.looseObject({ id: z.string(), by: z.string(), to: z.string() })),
      },
      annotations: { title: "Deployments of a host", ...annotations },
    },
    ({ hostname, count, tier }, { signal }) =>
      toResult(async () => {
        const nats = await access.nats(tier === "test" ? "assistant" : "admin");
        const { deployments } = await ask(nats, { tier, host: hostname }, "history", { count }, { signal });
        const text = deployments.map(describeDeployment).join("\n") || `${hostname} has no deployments`;
        return {
          content: { deployments: deployments.map(({ events: _events, ...record }) => record) },
          text,
        };
      }),
  );
}

function toHost({ hostname, tier, role, deploy_subjects: subjects }: Discovered) {
  return { hostname, tier, ...(role !== undefined && { role }), subjects: [...subjects] };
}
