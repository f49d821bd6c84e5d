import {
  connectionDefaultsSchema,
  fleetSourceSchema,
  hostNameSchema,
  sshConnectionSchema,
  sshDefaultsSchema,
} from "@homelab-deploy/core";
import { z } from "zod";

// A file that is in Git is no place for passwords.
const noPassword = { sudoPassword: true } as const;
const flag = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
  error: "not the value of a flag: give a text, a number, true, or a list of texts",
});

/** What `homelab-deploy.yaml` may hold: what flags hold, and in the words of the Pulumi provider how hosts are reached. */
export const configSchema = z.strictObject({
  ...fleetSourceSchema.shape,
  connection: connectionDefaultsSchema
    .extend({ ssh: sshDefaultsSchema.omit(noPassword).optional() })
    .optional(),
  hosts: z.record(hostNameSchema, sshConnectionSchema.omit(noPassword)).optional(),
  tier: z.string().optional().describe("Tier that commands are about unless `--tier` names another."),
  commands: z
    .record(z.string(), z.record(z.string(), flag))
    .optional()
    .describe("Flags of single commands, by the command's name."),
});

export type Config = z.infer<typeof configSchema>;
