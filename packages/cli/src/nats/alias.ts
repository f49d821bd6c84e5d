import { DeployError } from "@homelab-deploy/core";
import { subjectSchema } from "@homelab-deploy/core/nats";

/** The subject that `name` stands for: that of its alias variable, or `name` itself. Throws `invalid-input`. */
export function resolveSubject(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const variable = `HOMELAB_DEPLOY_ALIAS_${name.toUpperCase().replaceAll("-", "_")}`;
  const alias = environment[variable];
  const subject = subjectSchema.safeParse(alias ?? name);
  if (!subject.success) {
    const where = alias === undefined ? "" : `${variable}: `;
    throw new DeployError("invalid-input", `${where}${subject.error.issues[0]?.message}`);
  }
  if (alias !== undefined || name.includes(".")) return subject.data;
  throw new DeployError("invalid-input", `neither a subject nor an alias: ${name}`, {
    hint: `Set ${variable}=deploy.<tier>.all, or give the subject itself: deploy.<tier>.<hostname>.`,
  });
}
