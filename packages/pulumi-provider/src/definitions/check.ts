import type { z } from "zod";
import type { CheckFailure } from "../service.ts";
import { containsSecret, containsUnknown, type Properties, present, reveal } from "../values.ts";

type Shape = Readonly<Record<string, z.ZodType>>;
type Plain<S extends Shape> = { -readonly [K in keyof S]?: Exclude<z.output<S[K]>, undefined> };

export interface Checked<S extends Shape> {
  /** The given values as their schemas parse them; unknown and wrong ones are missing. */
  readonly values: Plain<S>;
  readonly failures: CheckFailure[];
}

/** Checks each property by itself against `shape`; `owner` names what has these properties, for messages. */
export function checkProperties<S extends Shape>(
  shape: S,
  properties: Properties,
  owner: string,
): Checked<S> {
  const values: Record<string, unknown> = {};
  const failures: CheckFailure[] = [];
  for (const [key, value] of Object.entries(present(properties))) {
    const schema = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (schema === undefined) {
      failures.push({
        property: key,
        reason: `${owner} has no such property; it has ${Object.keys(shape).join(", ")}`,
      });
      continue;
    }
    if (containsUnknown(value)) continue;
    const parsed = schema.safeParse(reveal(value));
    if (parsed.success) values[key] = parsed.data;
    else failures.push(...toFailures(key, parsed.error, containsSecret(value)));
  }
  return { values: values as Plain<S>, failures };
}

function toFailures(key: string, error: z.ZodError, secret: boolean): CheckFailure[] {
  return error.issues.map((issue) => ({
    property: [key, ...issue.path].reduce<string>(appendToPath, ""),
    reason: secret ? "not of the right form; the value is secret and not shown" : reasonOf(issue),
  }));
}

function reasonOf(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}

function appendToPath(path: string, part: PropertyKey): string {
  if (typeof part === "number") return `${path}[${part}]`;
  const name = String(part);
  if (!/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}
