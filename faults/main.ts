// npm run faults -- [--only fault[:step]] [--kind plain|restricted|both] [--jobs N] [--random N [--seed S]]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sweepBeds } from "./bed.ts";
import { allCells } from "./cells.ts";
import { checkout } from "./checkout.ts";
import { runCell } from "./run-cell.ts";
import { buildSystems, type Kind } from "./systems.ts";
import { heading } from "./table.ts";
import { type Work, workOff } from "./workers.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    kind: { type: "string", default: "plain" },
    jobs: { type: "string", default: "3" },
    list: { type: "boolean" },
  },
});
const kinds = kindsOf(values.kind);
const work = kinds.flatMap(matrix);
if (values.list) for (const { title } of work) console.log(title);
else await run();

async function run(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("test hosts need root: run the faults as root");
  await sweepBeds();
  const start = performance.now();
  const evidence = join(checkout, ".faults", new Date().toISOString().replaceAll(/[:.]/g, "-"));
  const directory = await mkdtemp(join(tmpdir(), "homelab-faults-"));
  try {
    const systems = Object.fromEntries(
      await Promise.all(kinds.map(async (kind) => [kind, await buildSystems(kind, directory)] as const)),
    );
    console.log(heading());
    const print = (line: string) => console.log(line);
    const rows = await workOff(work, { jobs: Number(values.jobs), systems, evidence, print });
    const broken = rows.filter((row) => row.broken.length > 0);
    const minutes = ((performance.now() - start) / 60_000).toFixed(1);
    console.log(`\n${rows.length} cells in ${minutes} minutes, ${broken.length} with a broken promise`);
    if (broken.length > 0) process.exitCode = 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
    await sweepBeds();
  }
}

function matrix(kind: Kind): Work[] {
  return allCells()
    .filter(
      ({ fault, step }) =>
        values.only?.some((only) => [fault, `${fault}:${step}`, `:${step}`].includes(only)) ?? true,
    )
    .map((cell) => ({
      kind,
      title: `${kind}: ${cell.fault}: ${cell.step}`,
      run: (site, systems) => runCell(site, systems, cell),
    }));
}

function kindsOf(word: string): Kind[] {
  if (word === "both") return ["plain", "restricted"];
  if (word === "plain" || word === "restricted") return [word];
  throw new Error(`not a kind of host: ${word}; use plain, restricted or both`);
}
