import { join } from "node:path";
import { writeEvidence } from "./evidence.ts";
import { endOf } from "./settle.ts";
import { Site } from "./site.ts";
import { clear } from "./steps.ts";
import type { Kind, Systems } from "./systems.ts";
import { type Row, toLine } from "./table.ts";
import type { Verdict } from "./trial.ts";

export interface Work {
  readonly kind: Kind;
  /** By which its evidence is filed. */
  readonly title: string;
  /** Whether the host must not have the next system yet, as one that has had all of them has. */
  readonly fresh: boolean;
  run(site: Site, systems: Systems): Promise<Verdict>;
}

interface Options {
  readonly jobs: number;
  readonly systems: Readonly<Partial<Record<Kind, Systems>>>;
  /** Where the evidence of broken promises goes. */
  readonly evidence: string;
  readonly print: (line: string) => void;
}

/** Does all work, `jobs` at a time; a host is used again as long as it was proved clean. */
export async function workOff(work: readonly Work[], options: Options): Promise<Row[]> {
  const queue = work.entries();
  const rows: Row[] = [];
  const worker = async (number: number): Promise<void> => {
    let site: Site | undefined;
    try {
      for (const [, task] of queue) {
        const systems = options.systems[task.kind];
        if (systems === undefined) throw new RangeError(`no systems for ${task.kind} hosts`);
        if (site !== undefined && (site.kind !== task.kind || task.fresh)) {
          await site[Symbol.asyncDispose]();
          site = undefined;
        }
        site ??= await install(task.kind, `host${number}`, systems);
        const { row, evidence } = await task.run(site, systems);
        rows.push(row);
        options.print(toLine(row));
        if (row.broken.length === 0) continue;
        const directory = join(options.evidence, task.title.replaceAll(/[^a-z0-9]+/gi, "-"));
        options.print(`  evidence: ${await writeEvidence(directory, site, evidence, row.broken)}`);
        await site[Symbol.asyncDispose]();
        site = undefined;
      }
    } finally {
      await site?.[Symbol.asyncDispose]();
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, (_, index) => worker(index + 1)));
  return rows;
}

async function install(kind: Kind, name: string, systems: Systems): Promise<Site> {
  await using undo = new AsyncDisposableStack();
  const site = undo.use(await Site.open(kind, name));
  await clear(site);
  // Twice, so that there is an older deployment and an older generation.
  for (const system of systems.turns.slice(0, 2)) {
    await site.want(system);
    const start = performance.now();
    const { code, output } = await endOf(site.up());
    if (code !== 0) throw new Error(`${name} could not be deployed: ${output}`);
    site.upSeconds = (performance.now() - start) / 1000;
    site.system = system;
    if (systems.deployer !== undefined) await site.deployWith(systems.deployer);
  }
  undo.move();
  return site;
}
