import { getFleet, Host } from "@homelab-deploy/pulumi";

// All hosts of the flake; getFleet({ names: ["web01"] }) is fewer.
const { hosts } = await getFleet();

/** Which generation each host runs. */
export const generations: Record<string, unknown> = {};
for (const host of Object.values(hosts)) {
  generations[host.name] = new Host(host.name, host).generation;
}
