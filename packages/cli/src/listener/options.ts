import { DeployError, flakeAt, hostNameSchema } from "@homelab-deploy/core";
import {
  deploySubjectTemplates,
  expandSubjects,
  publicKeySchema,
  tokenSchema,
} from "@homelab-deploy/core/nats";
import { z } from "zod";

/** What a listener is to its clients. */
export interface ListenerOptions {
  readonly hostname: string;
  readonly tier: string;
  readonly role?: string | undefined;
  /** Subjects that it takes deployments on. */
  readonly deploySubjects: readonly string[];
  readonly discoverSubject: string;
  /** Milliseconds that a deployment may take. */
  readonly timeout: number;
  /** Public keys whose holders sign requests. Absent: requests need no signature. */
  readonly trustedKeys?: readonly string[] | undefined;
}

export interface ListenerFlags {
  readonly hostname: string;
  readonly tier: string;
  readonly flakeUrl: string;
  readonly role?: string;
  readonly timeout: string;
  readonly deploySubject?: readonly string[];
  readonly discoverSubject: string;
  readonly trustedKey?: readonly string[];
}

const second = 1000;
const tierSchema = z.enum(["test", "prod"], {
  error: (issue) => `not a tier: ${JSON.stringify(issue.input)} (test or prod)`,
});
const timeoutSchema = z.string().regex(/^[1-9][0-9]{0,5}$/, {
  error: (issue) => `not a number of seconds: ${JSON.stringify(issue.input)}`,
});

/** The flags of the command line as options; throws `invalid-input` with the flag that is wrong. */
export function parseListenerFlags(flags: ListenerFlags): ListenerOptions {
  const hostname = parse("--hostname", hostNameSchema, flags.hostname);
  const tier = parse("--tier", tierSchema, flags.tier);
  const role = flags.role === undefined ? undefined : parse("--role", tokenSchema, flags.role);
  const values = { hostname, tier, role };
  const expand = (flag: string, templates: readonly string[]) =>
    named(flag, () => expandSubjects(templates, values));
  const deploySubjects = expand("--deploy-subject", flags.deploySubject ?? deploySubjectTemplates);
  const [discoverSubject] = expand("--discover-subject", [flags.discoverSubject]);
  if (deploySubjects.length === 0 || discoverSubject === undefined) {
    throw new DeployError("invalid-input", "every subject names a <role>, and there is no --role");
  }
  named("--flake-url", () => flakeAt(flags.flakeUrl, "main"));
  const timeout = Number(parse("--timeout", timeoutSchema, flags.timeout)) * second;
  const trustedKeys = flags.trustedKey?.map((key) => parse("--trusted-key", publicKeySchema, key));
  return { hostname, tier, role, deploySubjects, discoverSubject, timeout, trustedKeys };
}

function parse<T>(flag: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DeployError("invalid-input", `${flag}: ${parsed.error.issues[0]?.message}`);
}

function named<T>(flag: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    throw new DeployError(error.code, `${flag}: ${error.message}`, { cause: error, hint: error.hint });
  }
}
