import { randomUUID } from "node:crypto";
import { execa } from "execa";
import { repeat, type Times } from "./measure.ts";
import { benchFlat } from "./nats/flat.ts";
import { openNatsFleet, sourceCommand } from "./nats/fleet.ts";
import type { Report } from "./report.ts";

const count = 1000;
const rounds = 2;
const roundTimeout = 180_000;

const floor = `plain request, ${count} answers`;
const hosts = "command hosts, to its end";
const accepted = "command deploy, accepted by all";
const peak = "peak of the controller";

// What the controller's process tells, and what that is called.
const steps = {
  floor,
  discovery: `discovery, ${count} answers`,
  ping: `service ping, ${count} answers`,
  info: `service info, ${count} answers`,
  inspection: `inspection of ${count} hosts`,
  hosts,
  accepted,
  completed: "command deploy, completed by all",
  peak,
};

/**
 * What a controller has to do with a thousand listeners of one server, beside a plain request that the same connections
 * answer, and what a listener has in use after much work. The listeners are real ones, on hosts in memory. Takes some
 * minutes, as all of them log in.
 */
export async function benchNats(tell: (step: string) => void): Promise<readonly Report[]> {
  tell(`a server, and ${count} listeners`);
  const { [peak]: memory, ...times } = await measureFleet(tell);
  const one = await benchFlat(tell);
  const baseline = floor;
  return [
    {
      times,
      limits: { [hosts]: 2000, [accepted]: 5000 },
      comparisons: [steps.discovery, steps.inspection, hosts, accepted].map((subject) => ({
        subject,
        baseline,
      })),
    },
    {
      ...one,
      times: { [peak]: memory as Times, ...one.times },
      limits: { [peak]: 300 },
    },
  ];
}

async function measureFleet(tell: (step: string) => void): Promise<Record<string, Times>> {
  await using fleet = await openNatsFleet(count);
  tell(`${rounds} rounds`);
  return await repeat(rounds, async () => {
    const revision = randomUUID();
    const args = [fleet.url, fleet.deployer, String(count), revision];
    const [file = "", ...argv] = sourceCommand("controller.ts", ...args);
    const { stdout } = await execa(file, argv, { timeout: roundTimeout });
    const figures = JSON.parse(stdout) as Record<keyof typeof steps, number>;
    return Object.fromEntries(
      Object.entries(steps).map(([key, name]) => [name, figures[key as keyof typeof steps]]),
    );
  });
}
