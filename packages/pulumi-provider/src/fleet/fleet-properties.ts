import type { FleetHost } from "@homelab-deploy/core";
import type { Properties } from "../values.ts";

/** A host as the resource names its parts: a resource's `system` is what the host runs, so here it is `platform`. */
export function toProperties({ system: platform, ...host }: FleetHost): Properties {
  return { ...(host as unknown as Properties), ...(platform !== undefined && { platform }) };
}
