import { getFleet, Host } from "@homelab-deploy/pulumi";

// One stack for each tier: the stack `prod` has the hosts whose homelab.deploy.tier is "prod".
const { hosts } = await getFleet({ tier: "prod" });

/** Which generation each host runs. */
export const generations: Record<string, unknown> = {};
for (const host of Object.values(hosts)) {
  generations[host.name] = new Host(host.name, host).generation;
}
