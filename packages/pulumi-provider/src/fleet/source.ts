import type { FleetSource } from "@homelab-deploy/core";
import type { ProviderConfig } from "../definitions/provider-config.ts";

type Given = { [K in keyof FleetSource]?: FleetSource[K] | undefined };

/** The source that is named here, or else the provider's; its overrides belong to it. Nothing when there is none. */
export function sourceOf(given: Given, config: ProviderConfig): FleetSource | undefined {
  const base = given.flake !== undefined || given.file !== undefined ? given : config;
  const overrideInputs = given.overrideInputs ?? base.overrideInputs;
  if (base.flake === undefined && base.file === undefined) return undefined;
  return {
    ...(base.flake !== undefined ? { flake: base.flake } : { file: base.file }),
    ...(overrideInputs !== undefined && { overrideInputs }),
    ...(given.impure !== undefined && { impure: given.impure }),
  };
}
