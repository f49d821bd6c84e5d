import { evaluateArgsShape, fleetShape, getFleetArgsShape } from "../definitions/functions.ts";
import { hostInputsShape, hostOutputsShape } from "../definitions/host.ts";
import { providerConfigShape } from "../definitions/provider-config.ts";
import { evaluateToken, getFleetToken, hostToken, packageName } from "../tokens.ts";
import { version } from "../version.ts";
import { toNamedTypeSpec, toObjectSpec } from "./convert.ts";
import { namedTypes, typeDescriptions } from "./named-types.ts";

/** The Pulumi schema of the package, made from the definitions that the provider itself checks against. */
export function packageSchema() {
  const config = toObjectSpec(providerConfigShape);
  const inputs = toObjectSpec(hostInputsShape);
  const { name: _name, ...storedInputs } = inputs.properties;
  const outputs = toObjectSpec(hostOutputsShape);
  return {
    name: packageName,
    version,
    displayName: "NixOS",
    description: "NixOS hosts as resources: the diff of a host is the store path of its system.",
    keywords: ["nixos", "nix", "category/infrastructure"],
    license: "MIT",
    language: { nodejs: { packageName: "@homelab-deploy/pulumi", respectSchemaVersion: true } },
    config: { variables: config.properties },
    provider: {
      description: "Where the hosts are defined and how they are reached.",
      inputProperties: config.properties,
    },
    types: Object.fromEntries(
      [...namedTypes].map(([schema, name]) => [
        `${packageName}:index:${name}`,
        { description: typeDescriptions[name], ...toNamedTypeSpec(schema) },
      ]),
    ),
    resources: {
      [hostToken]: {
        description:
          "A NixOS host. Its id is its name, its diff is the system that it shall run; creating it adopts a host " +
          "that is there already, deleting it leaves the host running.",
        inputProperties: inputs.properties,
        requiredInputs: inputs.required,
        properties: { ...storedInputs, ...outputs.properties },
        required: ["attribute", "goal", "toplevel", ...outputs.required],
      },
    },
    functions: {
      [evaluateToken]: {
        description: "Evaluates the named hosts of a flake or file, all of them when none is named.",
        inputs: toObjectSpec(evaluateArgsShape),
        outputs: toObjectSpec(fleetShape),
      },
      [getFleetToken]: {
        description:
          "Evaluates the hosts of a flake or file that belong to a tier, have a role, tags or names.",
        inputs: toObjectSpec(getFleetArgsShape),
        outputs: toObjectSpec(fleetShape),
      },
    },
  };
}
