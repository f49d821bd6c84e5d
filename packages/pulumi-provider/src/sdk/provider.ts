import { type Input, output, secret } from "@pulumi/pulumi/output.js";
import { ProviderResource, type ResourceOptions } from "@pulumi/pulumi/resource.js";
import { packageName } from "../tokens.ts";
import { version } from "../version.ts";
import type { ProviderArgs } from "./types.ts";

/** Where the hosts are defined and how they are reached, given in the program instead of in the configuration. */
export class Provider extends ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, options: ResourceOptions = {}) {
    const {
      flake,
      file,
      identity,
      signingKey,
      overrideInputs,
      connection,
      hosts,
      cache,
      refreshBeforeUpdate,
    } = args;
    // Configuration of a provider is text: whatever is more goes as JSON.
    const inputs = {
      flake,
      file,
      identity: identity === undefined ? undefined : secret(identity),
      signingKey: signingKey === undefined ? undefined : secret(signingKey),
      overrideInputs: toJson(overrideInputs),
      connection: toJson(connection),
      hosts: toJson(hosts),
      cache: toJson(cache),
      refreshBeforeUpdate: toJson(refreshBeforeUpdate),
    };
    super(packageName, name, inputs, { version, ...options });
  }
}

function toJson(value: Input<unknown>) {
  return value === undefined ? undefined : output(value).apply((known) => JSON.stringify(known));
}
