import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publishedEventSchema } from "./events.ts";
import { decodeError, encodeError, parseReply } from "./replies.ts";
import { verbs } from "./verbs.ts";
import { wantedSchema } from "./wanted.ts";

interface Case {
  readonly title: string;
  readonly message: unknown;
  /** What is read from the message, where that differs. */
  readonly read?: unknown;
  /** Where the message is wrong. */
  readonly refused?: string;
}

const corpus = join(import.meta.dirname, "../../../test/corpus/v1");
const cases = (kind: string) =>
  readdirSync(join(corpus, kind)).map((file): [string, Case] => {
    const found: Case = JSON.parse(readFileSync(join(corpus, kind, file), "utf8"));
    return [`${file}: ${found.title}`, found];
  });
const again = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const ofVerbs = Object.entries(verbs).flatMap(([verb, { request, event, answer }]) =>
  Object.entries({ request, event, answer }).map(([part, schema]) => [`${verb}-${part}`, schema] as const),
);
const kinds = [...ofVerbs, ["wanted", wantedSchema] as const, ["event", publishedEventSchema] as const];

it("every message of version 1 has its cases, and there are no others", () => {
  const known = kinds.filter(([, { type }]) => type !== "never").map(([kind]) => kind);
  expect(readdirSync(corpus).sort()).toEqual([...known, "reply"].sort());
});

describe.each(kinds.filter(([, { type }]) => type !== "never"))("%s of version 1", (kind, schema) => {
  it.each(cases(kind))("%s", (_title, { message, read = message, refused }) => {
    const parsed = schema.safeParse(message);
    if (refused !== undefined) {
      expect(parsed.error?.issues[0]?.path.join(".")).toMatch(new RegExp(`^${refused}`));
      return;
    }
    expect(again(parsed.data)).toEqual(read);
    expect(again(schema.parse(again(parsed.data)))).toEqual(read);
  });
});

describe("a reply of version 1", () => {
  it.each(cases("reply"))("%s", (_title, { message, refused }) => {
    const reply = parseReply(JSON.stringify(message));
    expect(reply).toEqual(refused === undefined ? message : undefined);
  });

  it("carries an error as it was, and one of a later version as a refusal", () => {
    const error = { code: "locked", message: "busy", hint: "Wait." };
    expect(encodeError(decodeError(error))).toEqual({ error });
    expect(decodeError({ code: "tired", message: "not today" })).toMatchObject({ code: "refused" });
  });
});
