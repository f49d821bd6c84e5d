import { fleetSourceSchema, hostNameSchema } from "@homelab-deploy/core";
import { z } from "zod";
import { evaluatedShape } from "./host.ts";

const source = {
  flake: fleetSourceSchema.shape.flake,
  file: fleetSourceSchema.shape.file,
  overrideInputs: fleetSourceSchema.shape.overrideInputs,
  impure: fleetSourceSchema.shape.impure,
};

/** Arguments of `nixos:index:evaluate`. */
export const evaluateArgsShape = {
  ...source,
  hosts: z.array(z.string()).optional().describe("Names of the hosts to evaluate. Default: all."),
};

/** Arguments of `nixos:index:getFleet`. */
export const getFleetArgsShape = {
  ...source,
  names: z.array(z.string()).optional().describe("Only hosts of these names."),
  tier: z.string().optional().describe("Only hosts of this tier."),
  role: z.string().optional().describe("Only hosts of this role."),
  tags: z.array(z.string()).optional().describe("Only hosts with all of these tags."),
};

/** One host, ready to be given to `nixos:index:Host`. */
export const fleetHostSchema = z.strictObject({
  name: hostNameSchema.describe("Name of the host in its source."),
  ...evaluatedShape,
});

/** Result of both functions. */
export const fleetShape = {
  hosts: z.record(z.string(), fleetHostSchema).describe("The hosts by name."),
};
