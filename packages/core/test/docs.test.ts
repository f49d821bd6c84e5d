import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { guardScript } from "../src/activation/guard.ts";
import { encodeRequest } from "../src/activation/protocol.ts";
import { activationRequestSchema } from "../src/model/activation-request.ts";
import { guardEventSchema, outcomeSchema } from "../src/model/guard-event.ts";
import { hostStatusSchema, pastDeploymentSchema } from "../src/model/host-status.ts";
import { parseStorePath } from "../src/model/store-path.ts";
import { decodeError } from "../src/wire/v1/replies.ts";
import { verbs } from "../src/wire/v1/verbs.ts";
import { missingTitles } from "./support/test-titles.ts";

const repository = join(import.meta.dirname, "../../..");
const page = (name: string) => readFileSync(join(repository, "docs", name), "utf8");
const activation = page("activation.md");
const protocol = page("protocol.md");
const guard = guardScript();

const sorted = (words: readonly string[]) => [...new Set(words)].sort();

/** The first group of each match. */
const found = (text: string, pattern: RegExp) =>
  sorted([...text.matchAll(pattern)].map((match) => match[1] ?? ""));

/** What stands between two texts, both of which must be there. */
function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start + from.length);
  if (start < 0 || end < 0)
    throw new Error(`nothing between ${JSON.stringify(from)} and ${JSON.stringify(to)}`);
  return text.slice(start + from.length, end);
}

type Row = readonly string[];

/** Rows of the tables whose head begins with `first` and ends with `last`. */
function rows(text: string, first: string, last: string): Row[] {
  const tables = text.split(/\n(?! *\|)/).filter((block) => block.includes("\n| ---"));
  return tables.flatMap((block) => {
    const [head = [], , ...body] = block
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map(cells);
    return head[0]?.startsWith(first) && head.at(-1) === last ? body : [];
  });
}

const cells = (line: string): Row =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** What stands in backticks in the first column of the table of `text` that `head` begins. */
function named(head: string, last: string, text = activation): string[] {
  const columns = rows(text, head, last).map(([cell = ""]) => cell);
  return sorted(
    columns.flatMap((cell) => [...cell.matchAll(/`([a-zA-Z-]+)[^`]*`/g)].map((match) => match[1] ?? "")),
  );
}

describe("docs/activation.md tells all, and nothing else, of", () => {
  const phases = found(guard, /set_phase ([a-z-]+)/g);
  const outcomes = found(guard, /\bfinish ([a-z]+-?[a-z]*)\b/g);

  it("the verbs", () => {
    const cases = between(guard, "case $verb in", "esac").matchAll(/^ {4}([a-z |]+)\) /gm);
    expect(named("verb", "answer")).toEqual(
      sorted([...cases].flatMap(([, words = ""]) => words.split(" | "))),
    );
  });

  it("the keys of a request", () => {
    const told = found(between(activation, "## The request", "`begin` refuses"), /^([a-zA-Z]+)=/gm);
    const read = between(guard, "\nread_request() {", "\n}\n");
    expect(told).toEqual(found(read, /^ {6}([a-zA-Z]+)\) /gm));
    const request = {
      id: "",
      token: "",
      to: parseStorePath(`/nix/store/${"0".repeat(32)}-x`),
      goal: "switch",
      by: "",
      confirmTimeout: 1,
      activationTimeout: 1,
      checks: [{ tcp: { port: 1 } }],
    } as const;
    expect(told).toEqual(found(encodeRequest(request), /^([a-zA-Z]+)=/gm));
  });

  it("the files of a deployment, and the keys of its record", () => {
    const places = between(activation, "## On the host", "\n```\n\n");
    const journal = between(places, "deployments/<id>/", "\n/run/");
    expect(found(journal, /^ {4}([a-z]+) /gm)).toEqual(
      found(guard, /\$STATE\/\$(?:id|1|\{?candidate\}?|2)\/([a-z]+)\b/g),
    );
    const run = between(places, "/run/homelab-deploy/", "\n/nix/");
    expect(found(run, /^ {4}(?:<id>\/)?([a-z.]+)/gm)).toEqual(
      found(guard, /\$RUN\/(?:\$id\/)?([a-z][a-z.]*[a-z])\b/g),
    );
    const record = between(activation, "The record holds", "\n\n");
    const written = between(guard, 'write_file "$STATE/$id/record"', "ln -s");
    expect(found(record, /`([a-zA-Z]+)`/g)).toEqual(found(written, /"([a-zA-Z]+)=/g));
  });

  it("the events", () => {
    const told = named("event", "holds");
    expect(told).toEqual(found(guard, /\\?"type\\?":\\?"([a-z-]+)/g));
    expect(told).toEqual(sorted(guardEventSchema.options.map(({ shape }) => shape.type.value)));
  });

  it("the phases", () => expect(named("phase", "what the host does")).toEqual(phases));

  it("the outcomes", () => {
    expect(named("outcome", "for the controller")).toEqual(outcomes);
    expect(sorted(outcomeSchema.options)).toEqual(outcomes);
  });

  it("both, in each of the two diagrams", () => {
    const [drawn = "", written = ""] = between(activation, "## Phases and outcomes", "| phase |").split(
      "```text",
    );
    const aliases = new Map(
      [...drawn.matchAll(/state "(?:outcome )?([a-z-]+)" as (\w+)/g)].map(([, name, alias]) => [alias, name]),
    );
    const ends = [...drawn.matchAll(/^ +(\S+) --> ([a-z_]+)/gm)].flatMap(([, from, to]) => [from, to]);
    const states = ends.map((state = "") => aliases.get(state) ?? state).filter((state) => state !== "[*]");
    expect(sorted(states)).toEqual(sorted([...phases, ...outcomes]));
    for (const word of [...phases, ...outcomes])
      expect(written).toMatch(new RegExp(`(?<![a-z-])${word}(?![a-z-])`));
  });

  it("the exit statuses of switch-to-configuration", () => {
    const judged = between(guard, "\njudge_activation() {", "esac").matchAll(/^ {4}([0-9 |]+)\) /gm);
    const told = rows(activation, "status", "what the guard does").flatMap(
      ([cell = ""]) => cell.match(/\d+/g) ?? [],
    );
    expect(sorted(told)).toEqual(sorted([...judged].flatMap(([, words = ""]) => words.split(" | "))));
  });

  it("the features of a guard", () =>
    expect(found(between(activation, "and `features`:", ". A deployment"), /`([a-z-]+)`/g)).toEqual(
      sorted(between(guard, "FEATURES='", "'").split(" ")),
    ));

  it("the answer of inspect", () => {
    const told = found(between(activation, "`inspect` answers with", "\n\n"), /`([a-zA-Z]+)`/g);
    expect(told).toEqual(sorted(Object.keys(hostStatusSchema.shape)));
    expect(told).toEqual(found(between(guard, "\ninspect() {", "\n}\n"), /"([a-zA-Z]+)":/g));
  });
});

describe("docs/protocol.md tells of version 1", () => {
  const examples = [
    ...between(protocol, "#### begin", "### Confirmation").matchAll(/^```json\n(.*?)^```/gms),
  ].map(([, text = ""]) => JSON.parse(text.replaceAll("…", "0".repeat(32))));

  it("the verbs", () => expect(named("verb", "answer", protocol)).toEqual(sorted(Object.keys(verbs))));

  it("what begin holds", () =>
    expect(named("field of `begin`", "what it is", protocol)).toEqual(
      sorted(Object.keys(activationRequestSchema.shape)),
    ));

  it("codes that a host gives", () => {
    const told = named("code", "meaning", protocol);
    expect(told).toContain("locked");
    expect(told.map((code) => decodeError({ code, message: "" }).code)).toEqual(told);
  });

  it("examples of begin, inspect and history", () => {
    const [begin, inspect, deployment] = examples;
    expect(activationRequestSchema.parse(begin)).toEqual(begin);
    expect(hostStatusSchema.partial().parse(inspect)).toMatchObject(inspect);
    expect(pastDeploymentSchema.parse(deployment)).toEqual(deployment);
    expect(examples).toHaveLength(3);
  });
});

describe("a test that is named exists:", () => {
  const inPackages = (file: string) => join(repository, "packages", file);

  it.each(
    ["activation.md", "fleet-modules.md"].flatMap((name) =>
      rows(page(name), "promise", "test").map((row) => [name, ...row]),
    ),
  )("docs/%s, %s", (_page, _promise, file = "", titles = "") => {
    const path = inPackages(file.replaceAll("`", ""));
    expect(existsSync(path), file).toBe(true);
    expect(missingTitles(titles.replace(/^see \[.*?\): /, ""), path)).toEqual([]);
  });

  const security = page("security.md");
  const files = new Map(
    [...between(security, "Tests are in", "\n\n").matchAll(/\*\*([A-Z])\*\*[^`]*`([^`]+)`/g)].map(
      ([, letter, file]) => [letter, file],
    ),
  );
  it.each(rows(security, "", "test"))("docs/security.md, %s", (_promise, cell = "") => {
    for (const part of cell.split(/; (?=[A-Z]: )/)) {
      const [, letter, titles = ""] = /^([A-Z]): (.*)$/.exec(part) ?? [];
      if (part === "–" || titles === "the same") continue;
      expect(files.get(letter), part).toBeDefined();
      const file = files.get(letter) ?? "";
      expect(
        missingTitles(titles, inPackages(file.includes("/") ? file : `core/test/${file}`)),
        part,
      ).toEqual([]);
    }
  });

  it.each(rows(page("binary-cache.md"), "when", "test"))(
    "docs/binary-cache.md, %s",
    (_when, cell = "", title = "") => {
      const titles = title || cell;
      const file = inPackages("pulumi-provider/test/binary-cache.test.ts");
      if (titles !== "the same") expect(missingTitles(titles, file)).toEqual([]);
    },
  );

  it.each(rows(page("health-checks.md"), "promise", "test"))(
    "docs/health-checks.md, %s",
    (_promise, cell = "") => {
      for (const [, file = ""] of cell.matchAll(/`([^`]+)`/g))
        expect(existsSync(inPackages(file)), file).toBe(true);
      expect(cell).toMatch(/`|^the same$/);
    },
  );
});
