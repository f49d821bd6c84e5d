import { DeployError } from "@homelab-deploy/core";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { nearest } from "./nearest.ts";
import { type Config, configSchema } from "./schema.ts";

type Path = readonly PropertyKey[];

/** Parses the text of the file `name`. Throws `invalid-input` with line, path and value of the first thing that is wrong. */
export function parseConfig(text: string, name: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new DeployError("invalid-input", `${name}:${line}: ${broken.message.split("\n")[0]}`, {
      cause: broken,
    });
  }
  const value: unknown = document.toJS() ?? {};
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, reason } = describe(parsed.error.issues[0] as z.core.$ZodIssue, value);
  const where = `${name}:${lineOf(document, path, lines)}`;
  throw new DeployError(
    "invalid-input",
    `${[where, path.map(String).join("."), reason].filter((part) => part !== "").join(": ")}`,
    {
      cause: parsed.error,
    },
  );
}

function describe(issue: z.core.$ZodIssue, value: unknown): { readonly path: Path; readonly reason: string } {
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return { path: [...issue.path, key], reason: unknownKey(key, keysAt(configSchema, issue.path)) };
  }
  if (issue.code === "invalid_key")
    return { path: issue.path, reason: issue.issues[0]?.message ?? issue.message };
  // What our own schemas say has the value in it already.
  const isOwn = !/^(?:Invalid|Too)\b/.test(issue.message);
  const shown = JSON.stringify(valueAt(value, issue.path));
  return { path: issue.path, reason: isOwn ? issue.message : `${issue.message}: ${shown}` };
}

/** What to say of a key that does not exist, given those that do. */
export function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return `there is no such key; ${meant === undefined ? `there are: ${known.join(", ")}` : `is ${meant} meant?`}`;
}

function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path);
  const [key, ...rest] = path;
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  return key === undefined ? Object.keys(schema.shape) : keysAt(schema.shape[String(key)], rest);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown>)?.[key], value);
}

// A key that is wrong is a pair's, whose value begins in the same line, or below it.
function lineOf(document: Document, path: Path, lines: LineCounter): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  if (offset > 0 || path.length === 0) return lines.linePos(offset).line;
  return lineOf(document, path.slice(0, -1), lines);
}
