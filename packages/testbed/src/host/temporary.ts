import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Testbed } from "./testbed.ts";

const NAME = /^homelab-deploy-testbed-(\d+)-/;

/** Whether `npm test` found that this machine cannot have test hosts: their tests are skipped then. */
export const noHosts = process.env.HOMELAB_TEST_HOSTS === "0";

/**
 * A testbed of its own, in a new directory. Dispose of it (`await using`) or call its `down()`: both remove the hosts
 * and the directory. What the tests of a run leave behind, `run-tests.ts` removes at its end.
 */
export async function temporaryTestbed(): Promise<Testbed> {
  const owner = process.env.HOMELAB_TESTBED_OWNER ?? process.pid;
  return new Testbed(await mkdtemp(join(tmpdir(), `homelab-deploy-testbed-${owner}-`)));
}

/** Takes down every temporary testbed of this process, and those whose process is dead. */
export async function sweepTestbeds(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(NAME.exec(name)?.[1]);
    if (owner === process.pid || (owner > 0 && !isAlive(owner)))
      await new Testbed(join(tmpdir(), name)).down();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
