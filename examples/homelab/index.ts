import { getFleet, Host } from "@homelab-deploy/pulumi";
import { Config } from "@pulumi/pulumi/config.js";
import { getStack } from "@pulumi/pulumi/metadata.js";

const config = new Config();

// One stack for each tier: the stack `prod` has the hosts whose homelab.deploy.tier is "prod".
const fleet = await getFleet({
  flake: config.require("flake"),
  overrideInputs: config.getObject("overrideInputs"),
  tier: getStack(),
});

const hosts = Object.values(fleet.hosts).map((definition) => ({
  name: definition.name,
  host: new Host(definition.name, definition),
}));

/** Which generation each host runs. */
export const generations = Object.fromEntries(hosts.map(({ name, host }) => [name, host.generation]));
