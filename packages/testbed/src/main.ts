// The command `npm run -s testbed -- ...`. Results are JSON on standard output.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { enterHost } from "./host/exec.ts";
import { openTestbed, type Testbed } from "./index.ts";

const USAGE = `usage: testbed up NAME...            make and boot hosts
       testbed status               all hosts
       testbed exec NAME -- CMD...  run a command as root in a host, over its console
       testbed kill NAME            power loss
       testbed boot NAME            switch on again
       testbed cut NAME             pull the network cable
       testbed heal NAME            plug it in again
       testbed down [NAME...]       end and remove hosts, all of them without names`;

const verbs: Readonly<Record<string, (bed: Testbed, names: readonly string[]) => Promise<unknown>>> = {
  up: (bed, names) => bed.up(atLeastOne(names)),
  status: (bed) => bed.status(),
  kill: (bed, names) => each(bed, names, (name) => bed.kill(name)),
  boot: (bed, names) => each(bed, names, (name) => bed.boot(name)),
  cut: (bed, names) => each(bed, names, (name) => bed.cut(name)),
  heal: (bed, names) => each(bed, names, (name) => bed.heal(name)),
  down: async (bed, names) => {
    await bed.down(names.length > 0 ? names : undefined);
    return bed.status();
  },
};

const [verb = "", ...rest] = process.argv.slice(2);
try {
  const bed = await openTestbed();
  if (verb === "exec") process.exitCode = await exec(bed, rest);
  else await show(bed, verb, rest);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function show(bed: Testbed, verb: string, names: readonly string[]): Promise<void> {
  const act = verbs[verb];
  if (act === undefined) throw new Error(USAGE);
  const start = performance.now();
  const result = await act(bed, names);
  console.error(
    `${[verb, ...names].join(" ")}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  console.log(JSON.stringify(result, null, 2));
}

async function each(bed: Testbed, names: readonly string[], act: (name: string) => Promise<unknown>) {
  await Promise.all(atLeastOne(names).map(act));
  return (await bed.status()).filter(({ name }) => names.includes(name));
}

function atLeastOne(names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new Error(USAGE);
  return names;
}

async function exec(bed: Testbed, [name, ...rest]: readonly string[]): Promise<number> {
  const argv = rest[0] === "--" ? rest.slice(1) : rest;
  if (name === undefined || argv.length === 0) throw new Error(USAGE);
  const [file, ...args] = enterHost(await bed.leader(name), argv);
  const child = spawn(file, args, { stdio: "inherit" });
  const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return status ?? 128 + (signal ? constants.signals[signal] : 0);
}
