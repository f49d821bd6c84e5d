// npm run faults -- [--kind plain|restricted|both|nats] [--only fault|:step|fault:step] [--jobs N] [--list]
// npm run faults -- --random N [--seed S] [--only index]
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sweepBeds } from "./bed.ts";
import { allCells } from "./cells.ts";
import { checkout } from "./checkout.ts";
import { describe, roundOf, runRound } from "./random.ts";
import { nameOfStep, runCell } from "./run-cell.ts";
import { Site } from "./site.ts";
import { buildSystems, type Kind, kinds } from "./systems.ts";
import { heading } from "./table.ts";
import { type Work, workOff } from "./workers.ts";

const { values } = parseArgs({
  options: {
    kind: { type: "string", default: "plain" },
    only: { type: "string", multiple: true },
    jobs: { type: "string", default: "3" },
    random: { type: "string" },
    seed: { type: "string" },
    list: { type: "boolean" },
  },
});

try {
  const wanted = kindsOf(values.kind);
  const work = values.random === undefined ? wanted.flatMap(matrix) : rounds(wanted, numberOf(values.random));
  if (work.length === 0) throw new Error(`nothing is called ${values.only}: see --list`);
  if (values.list) for (const { title } of work) console.log(title);
  else await run(work, wanted);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function run(work: readonly Work[], wanted: readonly Kind[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("test hosts need root: run the faults as root");
  await sweepBeds();
  const start = performance.now();
  const evidence = join(checkout, ".faults", new Date().toISOString().replaceAll(/[:.]/g, "-"));
  const directory = await mkdtemp(join(tmpdir(), "homelab-faults-"));
  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, async () => {
      // Asked again and again, it still cleans up once.
      if (interrupted) return;
      interrupted = true;
      await Site.closeAll();
      await sweepBeds();
      await rm(directory, { recursive: true, force: true });
      process.exit(130);
    });
  }
  try {
    const built = wanted.map(async (kind) => [kind, await buildSystems(kind, directory)] as const);
    const systems = Object.fromEntries(await Promise.all(built));
    console.log(heading());
    const print = (line: string) => console.log(line);
    const rows = await workOff(work, { jobs: numberOf(values.jobs), systems, evidence, print });
    const broken = rows.filter((row) => row.broken.length > 0);
    const minutes = ((performance.now() - start) / 60_000).toFixed(1);
    console.log(`\n${rows.length} deployments in ${minutes} minutes, ${broken.length} with a broken promise`);
    if (broken.length === 0) return;
    console.log(`evidence: ${evidence}`);
    process.exitCode = 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
    await sweepBeds();
  }
}

function matrix(kind: Kind): Work[] {
  return allCells(kind)
    .map((cell) => ({ ...cell, name: nameOfStep(cell) }))
    .filter(({ fault, name }) => isWanted(fault, `:${name}`, `${fault}:${name}`))
    .map(({ name, ...cell }) => ({
      kind,
      title: `${kind}: ${cell.fault}: ${name}`,
      fresh: cell.step === "copying",
      run: (site, systems) => runCell(site, systems, cell),
    }));
}

function rounds(wanted: readonly Kind[], count: number): Work[] {
  const seed = values.seed === undefined ? randomInt(1_000_000) : numberOf(values.seed);
  console.log(`--random ${count} --seed ${seed}`);
  return Array.from({ length: count }, (_, index) => roundOf(seed, index + 1))
    .filter(({ index }) => isWanted(String(index)))
    .map((round) => ({
      kind: wanted[round.index % wanted.length] as Kind,
      fresh: false,
      title: `seed ${seed}: ${round.index}: ${describe(round)}`,
      run: (site, systems) => runRound(site, systems, round),
    }));
}

function isWanted(...names: readonly string[]): boolean {
  return values.only?.some((only) => names.includes(only)) ?? true;
}

function kindsOf(word: string): Kind[] {
  if (word === "both") return ["plain", "restricted"];
  const kind = kinds.find((one) => one === word);
  if (kind !== undefined) return [kind];
  throw new Error(`not a kind of host: ${word}; use plain, restricted, both or nats`);
}

function numberOf(word: string): number {
  const number = Number(word);
  if (!Number.isInteger(number) || number < 1) throw new Error(`not a number: ${word}`);
  return number;
}
