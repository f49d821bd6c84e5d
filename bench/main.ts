// npm run bench -- preview|listener [--json]
import { parseArgs } from "node:util";
import { benchListener } from "./listener.ts";
import { benchPreview } from "./preview.ts";
import { excesses, toJson, toTable } from "./report.ts";

const benchmarks = { preview: benchPreview, listener: benchListener };
const usage = `usage: npm run bench -- ${Object.keys(benchmarks).join("|")} [--json]`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" } },
  });
  const [name = ""] = positionals;
  if (!Object.hasOwn(benchmarks, name) || positionals.length > 1) throw new Error(usage);
  const report = await benchmarks[name as keyof typeof benchmarks]((step) => console.error(step));
  console.log(values.json ? toJson(report) : toTable(report));
  for (const excess of excesses(report)) {
    console.error(excess);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
