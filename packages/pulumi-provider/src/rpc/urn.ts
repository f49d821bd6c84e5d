import { DeployError } from "@homelab-deploy/core";
import type { ResourceAddress } from "../service.ts";
import { hostToken } from "../tokens.ts";

const pattern = /^urn:pulumi:(.*?)::(.*?)::(?:.*\$)?(.*?)::(.*)$/s;

/** Stack, project and name of a Host; throws `invalid-input` for a resource of any other type. */
export function parseUrn(urn: string): ResourceAddress {
  const [, stack, project, type, name] = pattern.exec(urn) ?? [];
  if (stack === undefined || project === undefined || name === undefined) {
    throw new DeployError("invalid-input", `not the URN of a resource: ${JSON.stringify(urn)}`);
  }
  if (type !== hostToken) {
    throw new DeployError("invalid-input", `the provider has no resource ${JSON.stringify(type)}`, {
      hint: `It has ${hostToken}.`,
    });
  }
  return { stack, project, name };
}
