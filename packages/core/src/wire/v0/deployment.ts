import { z } from "zod";
import { type Goal, goalSchema } from "../../model/goal.ts";
import { revisionSchema } from "../../model/revision.ts";
import { parseJson } from "../json.ts";
import { subjectSchema } from "../subject.ts";

/** What is asked of a listener: the revision of its flake that its host shall have, and how. */
export interface DeployRequest {
  readonly action: Goal;
  readonly revision: string;
}

export const statusSchema = z.enum(["accepted", "rejected", "started", "completed", "failed"]);
export type DeployStatus = z.infer<typeof statusSchema>;

/** Statuses after which nothing more comes. */
export function isFinal(status: DeployStatus): boolean {
  return status === "rejected" || status === "completed" || status === "failed";
}

/** Error codes that a listener of ours tells; others may know more. */
export type WireError =
  | "invalid_revision"
  | "invalid_action"
  | "already_running"
  | "build_failed"
  | "timeout";

/** What a listener tells of a deployment, one message for each status. */
export const deployResponseSchema = z.object({
  hostname: z.string().min(1),
  status: statusSchema,
  error: z
    .string()
    .nullish()
    .transform((error) => error || null),
  message: z
    .string()
    .nullish()
    .transform((message) => message ?? ""),
});

export type DeployResponse = z.infer<typeof deployResponseSchema>;

/** A request as it was read: where to answer, and what is asked, or why it cannot be done. */
export type ReceivedRequest = { readonly replyTo: string | undefined } & (
  | { readonly request: DeployRequest }
  | { readonly request?: never; readonly error: WireError | null; readonly message: string }
);

const envelopeSchema = z.object({
  action: z.unknown().optional(),
  revision: z.unknown().optional(),
  reply_to: subjectSchema.nullish(),
});

/** Reads the body of a request; other fields are ignored. */
export function readDeployRequest(body: string): ReceivedRequest {
  const envelope = envelopeSchema.safeParse(parseJson(body));
  if (!envelope.success) {
    const issue = envelope.error.issues[0];
    const where = issue?.path.length ? `${issue.path.join(".")}: ${issue.message}` : "not a JSON object";
    return { replyTo: undefined, error: null, message: where };
  }
  const { action, revision, reply_to } = envelope.data;
  const replyTo = reply_to ?? undefined;
  const goal = goalSchema.safeParse(action);
  if (!goal.success) {
    const message = `not an action: ${JSON.stringify(action)} (${goalSchema.options.join(", ")})`;
    return { replyTo, error: "invalid_action", message };
  }
  const checked = revisionSchema.safeParse(revision);
  if (!checked.success) {
    return { replyTo, error: "invalid_revision", message: checked.error.issues[0]?.message ?? "" };
  }
  return { replyTo, request: { action: goal.data, revision: checked.data } };
}

/** The body of a request; answers come to `replyTo`. */
export function writeDeployRequest({ action, revision }: DeployRequest, replyTo: string): string {
  return JSON.stringify({ action, revision, reply_to: replyTo });
}

/** Reads the body of a response; undefined for what is none, such as one with a status of a later version. */
export function readDeployResponse(body: string): DeployResponse | undefined {
  return deployResponseSchema.safeParse(parseJson(body)).data;
}
