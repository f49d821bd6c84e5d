import { z } from "zod";
import { durationSchema } from "./duration.ts";

const commandSchema = z.union([z.string().min(1), z.array(z.string()).min(1)], {
  error: "not a command: give a line for sh, or a list of a program and its arguments",
});

/** Commands of the controller's own at certain points of a host's deployment. */
export const hooksSchema = z.strictObject({
  beforeCopy: commandSchema
    .optional()
    .describe(
      "Runs when the system is built, before anything is sent. A failure stops the deployment of this host.",
    ),
  beforeActivation: commandSchema
    .optional()
    .describe(
      "Runs when the host has the system. A failure stops the deployment before it changes anything.",
    ),
  afterHealthy: commandSchema
    .optional()
    .describe("Runs when the host keeps the new system and runs it. A failure is a warning."),
  beforeReboot: commandSchema
    .optional()
    .describe("Runs before the host is rebooted. A failure stops the deployment of this host before that."),
  afterReboot: commandSchema.optional().describe("Runs when the host is back. A failure is a warning."),
  onFailure: commandSchema
    .optional()
    .describe("Runs when the deployment failed, but not when it was cancelled. A failure is a warning."),
  timeout: durationSchema.optional().describe("How long one hook may take. Default: `5m`."),
});

export type Hooks = z.infer<typeof hooksSchema>;
export type HookName = Exclude<keyof Hooks, "timeout">;

/** What hooks, and health checks that are commands of the controller, are told about the deployment. */
export const hookContextSchema = z.object({
  hook: z.string().optional().describe("Which hook it is, such as `beforeCopy`; absent for a health check."),
  host: z.string().describe("Name of the host."),
  address: z.string().describe("Name or address at which it is reached; `localhost` for this machine."),
  toplevel: z.string().describe("Store path of the system that is deployed."),
  previous: z.string().describe("Store path of the system that the host ran before."),
  goal: z.string().describe("Goal of the deployment: `switch`, `boot`, `test` or `dry-activate`."),
  revision: z.string().optional().describe("Git revision that the system comes from."),
  deployment: z.string().describe("Id of the deployment in the host's journal."),
  stack: z.string().optional().describe("Stack that the host belongs to, such as `homelab.prod`."),
  outcome: z
    .string()
    .optional()
    .describe(
      "After a deployment: how it ended, such as `committed`, or the code of its error, `rolled-back`.",
    ),
  reason: z.string().optional().describe("After a failure: why, in one or more lines."),
});

export type HookContext = z.infer<typeof hookContextSchema>;

/** `context` as environment variables: `HOMELAB_` and the upper-case name; what is absent is an empty text. */
export function hookEnvironment(context: HookContext): Record<string, string> {
  const keys = Object.keys(hookContextSchema.shape) as (keyof HookContext)[];
  return Object.fromEntries(
    keys.map((key) => [`HOMELAB_${key.toUpperCase()}`, toVariable(context[key] ?? "")]),
  );
}

// An environment holds neither NUL nor texts without limit.
function toVariable(text: string): string {
  return text.replaceAll("\0", " ").slice(0, 10_000);
}
