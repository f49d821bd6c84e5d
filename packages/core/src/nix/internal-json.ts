import { z } from "zod";
import { withoutColours } from "./nix-command.ts";

// Numbers of `ActivityType` and `ResultType` in Nix's libutil/logging.hh; Nix only ever adds to them.
const activity = { copyPath: 100, copyPaths: 103, builds: 104, build: 105 } as const;
const result = { buildLogLine: 101, progress: 105 } as const;

const messageSchema = z.object({
  action: z.string(),
  id: z.number().optional(),
  type: z.number().optional(),
  level: z.number().optional(),
  msg: z.string().optional(),
  fields: z.array(z.union([z.string(), z.number()])).optional(),
});

/** What one line of `nix --log-format internal-json` says, as far as this project listens. */
export type NixLogEvent =
  | { readonly type: "builds"; readonly done: number; readonly expected: number; readonly failed: number }
  | { readonly type: "paths"; readonly done: number; readonly expected: number }
  | { readonly type: "bytes"; readonly done: number; readonly expected: number }
  | { readonly type: "log"; readonly derivation: string; readonly line: string }
  | { readonly type: "warning" | "error"; readonly message: string };

/** A reader of internal-json lines, which refer to one another; use one for each run of Nix. */
export function createLogReader(): (line: string) => NixLogEvent | undefined {
  const activities = new Map<number, { type: number; derivation: string }>();
  const copied = new Map<number, { done: number; expected: number }>();

  return (line) => {
    const message = parse(line);
    if (message === undefined) return undefined;
    if (message.action === "start" && message.id !== undefined) {
      activities.set(message.id, { type: message.type ?? 0, derivation: String(message.fields?.[0] ?? "") });
    } else if (message.action === "msg" && (message.level === 0 || message.level === 1)) {
      const text = withoutColours(message.msg ?? "").replace(/^(?:error|warning):\s*/, "");
      return { type: message.level === 0 ? "error" : "warning", message: text };
    } else if (message.action === "result" && message.id !== undefined) {
      const { type = 0, derivation = "" } = activities.get(message.id) ?? {};
      return readResult(message, type, derivation, copied);
    }
    return undefined;
  };
}

function readResult(
  message: z.infer<typeof messageSchema>,
  type: number,
  derivation: string,
  copied: Map<number, { done: number; expected: number }>,
): NixLogEvent | undefined {
  const [first = 0, second = 0, , fourth = 0] = message.fields ?? [];
  if (message.type === result.buildLogLine) return { type: "log", derivation, line: String(first) };
  if (message.type !== result.progress) return undefined;
  const [done, expected] = [Number(first), Number(second)];
  if (type === activity.builds) return { type: "builds", done, expected, failed: Number(fourth) };
  if (type === activity.copyPaths) return { type: "paths", done, expected };
  if (type !== activity.copyPath || message.id === undefined) return undefined;
  copied.set(message.id, { done, expected });
  const all = [...copied.values()];
  return {
    type: "bytes",
    done: all.reduce((sum, path) => sum + path.done, 0),
    expected: all.reduce((sum, path) => sum + path.expected, 0),
  };
}

function parse(line: string): z.infer<typeof messageSchema> | undefined {
  // Another program on the same standard error may have begun a line, and not ended it yet.
  const start = line.indexOf("@nix {");
  if (start < 0) return undefined;
  try {
    return messageSchema.safeParse(JSON.parse(line.slice(start + "@nix ".length))).data;
  } catch {
    return undefined;
  }
}
