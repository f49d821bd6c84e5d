import { DeployError, type Fleet } from "@homelab-deploy/core";
import { type Description, descriptionSchema, type HostDescription, invalid } from "./description.ts";

/** `description` with the hosts of `fleet`, except those that it describes itself. Throws `invalid-input` for one without a tier. */
export function withHostsOf(fleet: Fleet, description: Description): Description {
  const found = Object.values(fleet.hosts)
    .filter(({ name }) => description.hosts[name] === undefined)
    .map(({ name, tier, role, evaluationError }) => {
      if (evaluationError !== undefined) throw new DeployError("evaluation-failed", evaluationError);
      if (tier === undefined) {
        throw new DeployError("invalid-input", `the host ${name} has no tier`, {
          hint: "Set homelab.deploy.tier in its configuration, or describe the host in the file.",
        });
      }
      return [name, { tier, role }] as const;
    });
  const hosts = { ...Object.fromEntries<HostDescription>(found), ...description.hosts };
  const parsed = descriptionSchema.shape.hosts.safeParse(hosts);
  if (parsed.success) return { ...description, hosts: parsed.data };
  throw invalid("", parsed.error);
}
