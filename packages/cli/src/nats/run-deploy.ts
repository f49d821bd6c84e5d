import type { Goal } from "@homelab-deploy/core";
import type { DeployResponse } from "@homelab-deploy/core/nats";
import { Ended, exitStatus } from "../exit-status.ts";
import type { CommandContext } from "../surroundings.ts";
import { table } from "../terminal/table.ts";
import { resolveSubject } from "./alias.ts";
import { natsConnectionFrom } from "./connection-options.ts";
import { type DeploymentAnswers, requestDeployment } from "./request-deployment.ts";
import { withNats } from "./with-nats.ts";

interface Flags {
  readonly branch: string;
  readonly action: Goal;
  /** Seconds. */
  readonly timeout: number;
  readonly discoverSubject: string;
  readonly json?: boolean;
}

/** Deploys over NATS, tells how it goes, and writes what came of it. Ends unsuccessful unless all hosts completed. */
export async function runDeploy(
  name: string,
  flags: Flags & Record<string, string | undefined>,
  { stdout, stderr, signal, config }: CommandContext,
): Promise<void> {
  const connection = natsConnectionFrom(flags, config.connection?.nats);
  const subject = resolveSubject(name, process.env);
  const { action, branch: revision, timeout, discoverSubject } = flags;
  const answers = await withNats(connection, "homelab-deploy deploy", signal, (nats) =>
    requestDeployment(
      nats,
      subject,
      { action, revision },
      {
        signal,
        timeout: timeout * 1000,
        discoverSubject,
        onExpected: (hosts) => stderr(`${subject}: ${hosts.length} to answer: ${hosts.join(", ")}\n`),
        onResponse: (response) => stderr(`${describe(response)}\n`),
      },
    ),
  );
  stdout(flags.json ? `${JSON.stringify({ subject, action, revision, ...answers })}\n` : toTable(answers));
  if (!answers.completed) throw new Ended(exitStatus.failed);
}

function describe({ hostname, status, error, message }: DeployResponse): string {
  const code = error === null ? "" : ` (${error})`;
  return `${hostname}: ${status}${code}${message === "" ? "" : `: ${message}`}`;
}

function toTable({ hosts, missing }: DeploymentAnswers): string {
  const answered = hosts.map(({ hostname, status, error, message }) => {
    const [first = ""] = message.split("\n");
    return [hostname, status, error ?? "-", first];
  });
  const silent = missing.map((hostname) => [hostname, "no answer", "-", ""]);
  return table(["HOST", "STATUS", "ERROR", "MESSAGE"], [...answered, ...silent]);
}
