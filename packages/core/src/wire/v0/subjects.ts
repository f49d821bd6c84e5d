import { DeployError } from "../../errors.ts";
import { subscriptionSchema } from "../subject.ts";

export const discoverSubject = "deploy.discover";

/** Templates of the subjects that a listener takes deployments on, unless it is told otherwise. */
export const deploySubjectTemplates = [
  "deploy.<tier>.<hostname>",
  "deploy.<tier>.all",
  "deploy.<tier>.role.<role>",
] as const;

export interface SubjectValues {
  readonly hostname: string;
  readonly tier: string;
  readonly role?: string | undefined;
}

/**
 * `templates` with their variables filled in, without those that name a role the host does not have. Throws
 * `invalid-input` for an unknown variable, and for what is no subject.
 */
export function expandSubjects(templates: readonly string[], values: SubjectValues): string[] {
  const meant = templates.filter((template) => values.role !== undefined || !template.includes("<role>"));
  return [...new Set(meant.map((template) => expand(template, values)))];
}

/** Whether one host alone takes deployments on `subject`, as far as the default subjects tell. */
export function isHostSubject(subject: string): boolean {
  const [first, , name, ...more] = subject.split(".");
  return first === "deploy" && name !== undefined && name !== "all" && !(name === "role" && more.length > 0);
}

function expand(template: string, values: SubjectValues): string {
  const subject = template.replace(/<([^<>]*)>/g, (_whole, name: string) => {
    const value = { hostname: values.hostname, tier: values.tier, role: values.role }[name];
    if (value !== undefined) return value;
    throw new DeployError("invalid-input", `${template}: there is no variable <${name}>`, {
      hint: "Variables are <hostname>, <tier> and <role>.",
    });
  });
  const parsed = subscriptionSchema.safeParse(subject);
  if (parsed.success) return parsed.data;
  throw new DeployError("invalid-input", `${template}: ${parsed.error.issues[0]?.message}`);
}
