import { execa } from "execa";
import { timeCalls } from "./calls.ts";
import { openFleet } from "./fleet.ts";
import { elapsed, interleave, repeat } from "./measure.ts";
import type { Report } from "./report.ts";
import { emptyNodeStart, pluginStart } from "./start.ts";
import { openTrivial } from "./trivial.ts";

const count = 20;
const bound = 1.3;
const rounds = 9;

/**
 * Compares an unchanged preview of hosts with one of trivial resources, and the plugin's start with that of Node, and
 * measures where a preview's time goes. Takes about a minute and a half.
 */
export async function benchPreview(say: (step: string) => void): Promise<Report> {
  say(`a stack of ${count} hosts and one of ${count} trivial resources`);
  await using trivial = await openTrivial(count);
  await using fleet = await openFleet(count);

  const hosts = `preview, ${count} hosts`;
  const resources = `preview, ${count} trivial resources`;
  const builtIn = `preview, ${count} built-in resources`;
  const plugin = "plugin, until its port";
  const node = "empty Node process";
  say(`${rounds} rounds`);
  const times = await interleave(rounds, {
    [hosts]: fleet.preview,
    [resources]: trivial.preview,
    [`preview, ${count} hosts without getFleet`]: fleet.previewEvaluated,
    [builtIn]: trivial.previewBuiltIn,
    "preview, no resources": trivial.previewNothing,
    "pulumi version": () => elapsed(() => execa("pulumi", ["version"])),
    [plugin]: pluginStart,
    [node]: emptyNodeStart,
  });
  const calls = await repeat(rounds, () => timeCalls(fleet.source));
  return {
    times: {
      ...times,
      "plugin, handshake and configuration": calls.configure,
      "plugin, getFleet": calls.getFleet,
      [`plugin, check and diff of ${count} hosts`]: calls.checkAndDiff,
    },
    comparisons: [
      { subject: hosts, baseline: resources, bound },
      { subject: hosts, baseline: builtIn },
      { subject: plugin, baseline: node },
    ],
  };
}
