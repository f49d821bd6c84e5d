import {
  cacheSchema,
  connectionDefaultsSchema,
  fleetSourceSchema,
  hostNameSchema,
  signingKeySchema,
  sshConnectionSchema,
} from "@homelab-deploy/core";
import { z } from "zod";

const source = fleetSourceSchema.shape;

/** Configuration of the provider; `nixos:<key>` in a stack's configuration. */
export const providerConfigShape = {
  flake: source.flake.describe(
    "Flake whose `nixosConfigurations` are the hosts, for hosts and functions that name no source of their own.",
  ),
  file: source.file.describe("Plain Nix file that defines the hosts, instead of a flake."),
  overrideInputs: source.overrideInputs,
  connection: connectionDefaultsSchema
    .optional()
    .describe("How to reach hosts, wherever a host itself does not say otherwise."),
  hosts: z
    .record(hostNameSchema, sshConnectionSchema)
    .optional()
    .describe(
      "How to reach single hosts over SSH, by name: enough to import a host that the program does not name.",
    ),
  identity: z
    .string()
    .regex(
      /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=:,\s-]*\n-----END [A-Z ]*PRIVATE KEY-----\s*$/,
      {
        error: "not a private key as ssh-keygen writes it",
      },
    )
    .optional()
    .meta({ secret: true })
    .describe(
      "Text of the private key that opens hosts. Given to ssh in a file that only this user can read, while needed.",
    ),
  signingKey: signingKeySchema
    .optional()
    .meta({ secret: true })
    .describe(
      "Text of the secret key that signs what is copied to hosts; they take it from a user who may only deploy when its " +
        "public key is among their `homelab.users.deploy.trustedKeys`. Default: nothing is signed.",
    ),
  cache: cacheSchema
    .optional()
    .describe("Binary cache that closures are copied to before hosts get them from there. Default: none."),
  refreshBeforeUpdate: z
    .boolean()
    .optional()
    .describe(
      "Whether previews and updates look at every host first, so that they show and repair drift. Default: false.",
    ),
};

const providerConfigSchema = z.strictObject(providerConfigShape);

export type ProviderConfig = z.infer<typeof providerConfigSchema>;
