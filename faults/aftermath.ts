import type { Seen } from "./judge.ts";
import { endOf } from "./settle.ts";
import type { Site } from "./site.ts";
import { type Attempt, clear } from "./steps.ts";
import type { System, Systems } from "./systems.ts";
import type { Evidence } from "./trial.ts";

export type Aftermath = Pick<Seen, "stateAfterUp" | "settled" | "stateAfterRefresh" | "rebooted" | "next">;

/** What Pulumi says, what a further power loss shows, and what the next `pulumi up` does. */
export async function aftermath(
  { site }: Attempt,
  { turns }: Systems,
  killed: boolean,
  wantedNext: (running: string) => System,
  evidence: Evidence,
): Promise<Aftermath> {
  const stateAfterUp = await site.state();
  // A file backend stays locked by a pulumi that was killed: the state's lock, not the host's.
  if (killed) await site.pulumi("cancel", "--yes");
  const { settled, stateAfterRefresh } = await site.keepingState(async () => {
    const { exitCode, stdout, stderr } = await site.pulumi("refresh", "--yes", "--skip-preview");
    evidence.refresh = `exit status ${exitCode}\n${stdout}${stderr}`;
    return { settled: await site.look(), stateAfterRefresh: await site.state() };
  });
  evidence.settled = await hostStory(site);
  await site.powerOff();
  await site.powerOn();
  await clear(site);
  const rebooted = await site.look();
  const wanted = wantedNext(settled.running);
  await site.want(wanted);
  const { code, output } = await endOf(site.up());
  evidence.next = output;
  const look = await site.look();
  const next = { wanted: wanted.toplevel, exitCode: code ?? 1, look, state: await site.state() };
  site.system = turns.find(({ toplevel }) => toplevel === look.running);
  return { stateAfterUp, settled, stateAfterRefresh, rebooted, next };
}

/** All that the host tells of its last deployments. */
export async function hostStory(site: Site): Promise<string> {
  return site.shell(`
    for id in $(ls -tr /var/lib/homelab-deploy/deployments | tail -n 3); do
      cd /var/lib/homelab-deploy/deployments/$id; for file in *; do echo "== $id/$file"; cat $file; done
      echo "== unit"; journalctl --no-pager --quiet --unit=homelab-activate-$id 2>/dev/null | tail -n 60
    done`);
}
