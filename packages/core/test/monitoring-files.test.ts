import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { guardScript } from "../src/index.ts";

const repository = join(import.meta.dirname, "../../..");
const directory = join(repository, "nix/monitoring");
const text = (file: string) => readFileSync(join(directory, file), "utf8");
const noPromtool = spawnSync("promtool", ["--version"]).error !== undefined;

/** The first group of each match, sorted, each once. */
const found = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ""))].sort();
const written = found(guardScript(), /^ *(?:.*(?:&&|\|\|) )?(?:gauge|head_of) ([a-z]\w+) '/gm).map(
  (name) => `nixos_${name}`,
);
const named = (text: string) => found(text, /\b(nixos_\w+)/g);

const targetSchema = z.object({
  refId: z.string().min(1),
  expr: z.string().min(1),
  datasource: z.object({ uid: z.literal("${datasource}") }),
});
const dashboardSchema = z.object({
  uid: z.string().min(1),
  title: z.string().min(1),
  schemaVersion: z.number().int(),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.enum(["datasource", "query"]), query: z.unknown() })),
  }),
  panels: z
    .array(
      z.object({
        id: z.number().int(),
        type: z.enum(["stat", "table", "timeseries", "state-timeline"]),
        title: z.string().min(1),
        description: z.string().min(1),
        gridPos: z.object({
          x: z.number().min(0),
          y: z.number().min(0),
          w: z.number().max(24),
          h: z.number().min(1),
        }),
        targets: z.array(targetSchema).min(1),
      }),
    )
    .min(1),
});

describe("nix/monitoring", () => {
  const dashboard = dashboardSchema.parse(JSON.parse(text("dashboard.json")));
  const targets = dashboard.panels.flatMap((panel) => panel.targets);

  it("asks for metrics that hosts write, and docs/monitoring.md tells of all of them", () => {
    expect(written).toContain("nixos_current_generation");
    expect(written).toEqual(expect.arrayContaining(named(text("alerts.yaml"))));
    expect(written).toEqual(expect.arrayContaining(named(text("dashboard.json"))));
    const page = readFileSync(join(repository, "docs/monitoring.md"), "utf8");
    expect(found(page, /^\| `(nixos_\w+)/gm)).toEqual(written);
    expect(found(page, /^\| `(Nixos[A-Z]\w+)/gm)).toEqual(found(text("alerts.yaml"), /alert: (\w+)/g));
  });

  it("has a dashboard whose panels differ, lie beside each other and use its own variables", () => {
    const { panels, templating } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x},${y}`)).size).toBe(panels.length);
    for (const { gridPos, targets } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
    const variables = found(JSON.stringify(dashboard), /\$\{?([a-z]\w*)/g);
    expect(templating.list.map(({ name }) => name).sort()).toEqual(variables);
  });

  it.skipIf(noPromtool)("has a dashboard whose queries Prometheus understands", async () => {
    const rules = targets.map(({ expr }, number) => ({
      record: `query:${number}`,
      expr: expr.replaceAll("$host", ".*"),
    }));
    await using folder = await mkdtempDisposable(join(tmpdir(), "homelab-monitoring-"));
    const file = join(folder.path, "rules.json");
    await writeFile(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    const { stdout } = await execa("promtool", ["check", "rules", file]);
    expect(stdout).toContain(`SUCCESS: ${targets.length} rules found`);
  });

  it.skipIf(noPromtool)(
    "has alerts that Prometheus understands, each with a test that it passes",
    async () => {
      await execa("promtool", ["check", "rules", "alerts.yaml"], { cwd: directory });
      const tested = found(text("alerts.test.yaml"), /^ *-? ?alertname: (\w+)/gm);
      expect(tested).toEqual(found(text("alerts.yaml"), /alert: (\w+)/g));
      const { stdout } = await execa("promtool", ["test", "rules", "alerts.test.yaml"], { cwd: directory });
      expect(stdout).toContain("SUCCESS");
    },
  );
});
