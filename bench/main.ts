// npm run bench -- preview|listener|nats [--json]
import { parseArgs } from "node:util";
import { benchListener } from "./listener.ts";
import { benchNats } from "./nats.ts";
import { benchPreview } from "./preview.ts";
import { excesses, toJson, toTable } from "./report.ts";

const benchmarks = { preview: benchPreview, listener: benchListener, nats: benchNats };
const usage = `usage: npm run bench -- ${Object.keys(benchmarks).join("|")} [--json]`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" } },
  });
  const [name = ""] = positionals;
  if (!Object.hasOwn(benchmarks, name) || positionals.length > 1) throw new Error(usage);
  const benchmark = benchmarks[name as keyof typeof benchmarks];
  const reports = [await benchmark((step) => console.error(step))].flat();
  console.log(values.json ? toJson(reports) : toTable(reports));
  for (const excess of reports.flatMap(excesses)) {
    console.error(excess);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
