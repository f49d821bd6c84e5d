import { setTimeout as sleep } from "node:timers/promises";
import type { ResultPromise } from "execa";
import type { Site } from "./site.ts";

/** How long `pulumi up` may take, whatever happens to it. */
export const upSeconds = 150;
const settleSeconds = 90;

export interface Ending {
  readonly code: number | undefined;
  readonly output: string;
  /** Whether it took too long, and was killed. */
  readonly late: boolean;
}

/** How `up` ends, in the time that nobody may exceed. */
export async function endOf(up: ResultPromise): Promise<Ending> {
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    up.kill("SIGKILL");
  }, upSeconds * 1000);
  const { exitCode, stdout, stderr } = await up;
  clearTimeout(limit);
  return { code: exitCode, output: `${stdout}${stderr}`, late };
}

/** Waits until no deployment is under way on the host; says so when that takes too long. */
export async function settle(site: Site, seconds = settleSeconds): Promise<string[]> {
  const deadline = performance.now() + seconds * 1000;
  // A host that is off meanwhile, as in a reboot, is asked again.
  while ((await site.shell(underWay).catch(() => "off")) !== "no") {
    if (performance.now() > deadline) return [`a deployment is still under way ${seconds} s later`];
    await sleep(250);
  }
  return [];
}

// One that goes on after a restart keeps its token on the disk.
const underWay = `
  systemctl list-units --plain --no-legend --state=active,activating,deactivating,reloading 'homelab-activat[e]-*' |
    grep -q . && echo unit && exit
  pgrep -f '[h]omelab-activate (begin|supervise|recover|resume)' >/dev/null && echo process && exit
  for token in /var/lib/homelab-deploy/deployments/*/token; do
    [ -e "$token" ] && [ ! -e "\${token%token}outcome" ] && echo token && exit
  done
  [ "$(systemctl is-system-running 2>/dev/null)" = stopping ] && echo stopping && exit
  echo no`;
