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
export async function settle(site: Site): Promise<string[]> {
  const answer = await site.shell(`
    under_way() {
      systemctl list-units --plain --no-legend --state=active,activating,deactivating,reloading 'homelab-activat[e]-*' |
        grep -q . || pgrep -f '[h]omelab-activate (begin|supervise|recover)' >/dev/null
    }
    i=0
    while under_way; do
      i=$((i + 1))
      [ $i -lt ${settleSeconds * 2} ] || { echo late; exit 0; }
      sleep 0.5
    done`);
  return answer.includes("late") ? [`a deployment is still under way ${settleSeconds} s later`] : [];
}
