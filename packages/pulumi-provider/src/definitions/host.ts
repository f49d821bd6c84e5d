import {
  cacheSchema,
  connectionSchema,
  fleetSourceSchema,
  goalSchema,
  healthCheckSchema,
  hooksSchema,
  hostNameSchema,
  rebootAtSchema,
  rebootSchema,
  rebootTimeoutSchema,
  rollbackSchema,
  storePathSchema,
} from "@homelab-deploy/core";
import { z } from "zod";

const source = fleetSourceSchema.shape;
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, {
  error: (issue) => `not a word of letters, digits, "_", "." and "-": ${JSON.stringify(issue.input)}`,
});

export const buildOnSchema = z.enum(["local", "target"]);

/** What the evaluation of a source says about a host; also inputs of the resource. */
export const evaluatedShape = {
  toplevel: storePathSchema
    .optional()
    .describe("Store path of the system that the host shall run. Default: evaluated from `flake` or `file`."),
  derivation: storePathSchema
    .optional()
    .describe("Derivation that builds `toplevel`; not needed when the path exists already."),
  platform: z
    .string()
    .regex(/^[a-z0-9_]+-[a-z0-9]+$/)
    .optional()
    .describe("Platform of the system, such as `x86_64-linux`."),
  revision: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z._/-]*$/)
    .optional()
    .describe("Git revision that the system comes from, for the host's journal."),
  tier: word.optional().describe("Tier of the host, such as `prod`."),
  role: word.optional().describe("Role of the host, such as `web`."),
  tags: z.array(word).optional().describe("Tags of the host."),
  connection: connectionSchema
    .optional()
    .describe(
      "How to reach the host. Default: over SSH under its name, as the provider's configuration says.",
    ),
  goal: goalSchema
    .optional()
    .describe(
      "What becomes of the system: `switch` runs and boots it, `boot` only boots it, `test` only runs it, " +
        "`dry-activate` only tells what would happen. Default: `switch`.",
    ),
  rollback: rollbackSchema.optional().describe("When the host puts back what ran before."),
  healthChecks: z
    .array(healthCheckSchema)
    .optional()
    .describe("What must hold before the new system is kept. They run side by side; default: none."),
  reboot: rebootSchema
    .optional()
    .describe(
      "Whether the host is rebooted for a system that cannot be activated without: `never` leaves that to you, " +
        "`when-needed` does it under guard. Default: `never`.",
    ),
  rebootAt: rebootAtSchema
    .optional()
    .describe(
      "When the host may be rebooted, by its own clock, such as `02:00-04:00` or `Sat,Sun 23:00-05:00`. At other times " +
        "it is switched to the system without, and the plan shows that a reboot is still needed. Default: at any time.",
    ),
  rebootTimeout: rebootTimeoutSchema
    .optional()
    .describe("How long the host may take to come back from a reboot. Default: `10m`."),
  buildOn: buildOnSchema
    .optional()
    .describe(
      "Where the system is built: on this machine (and its remote builders), or on the host. Default: `local`.",
    ),
  evaluationError: z
    .string()
    .optional()
    .describe(
      "Why the host does not evaluate: previews warn, and an update of this host fails with this text.",
    ),
};

/** Inputs of `nixos:index:Host`. */
export const hostInputsShape = {
  attribute: hostNameSchema
    .optional()
    .describe(
      "Name of the host in `nixosConfigurations`, and its id: another attribute is another host. " +
        "Default: the name of the resource.",
    ),
  name: hostNameSchema
    .optional()
    .describe("The same as `attribute`, under the name that `getFleet` gives it."),
  flake: source.flake,
  file: source.file,
  overrideInputs: source.overrideInputs,
  ...evaluatedShape,
  hooks: hooksSchema
    .optional()
    .describe("Commands that run on this machine at certain points of a deployment of the host."),
  cache: cacheSchema
    .optional()
    .describe(
      "Binary cache that closures built here are copied to, once for all hosts, before a host gets them from there. " +
        "Default: the provider's, or none. `homelab.nixCache` makes a host ask it; what it does not have, or no key that the host " +
        "trusts has signed, is copied to the host.",
    ),
};

/** What a host was last seen to be; outputs of `nixos:index:Host` beside its inputs. */
export const hostOutputsShape = {
  system: z.string().describe("Store path of the system that the host runs."),
  bootedSystem: z.string().optional().describe("Store path of the system that the host booted."),
  bootDefault: z.string().optional().describe("Store path of the system that the host boots next."),
  profile: z.string().optional().describe("Store path of the system profile's current generation."),
  generation: z.int().optional().describe("Number of the system profile's current generation."),
  rebootRequired: z
    .boolean()
    .optional()
    .describe("Whether kernel, initrd or kernel modules of the running system differ from the booted ones."),
  nixosVersion: z.string().optional().describe("Version of NixOS that the host runs."),
  outcome: z
    .enum(["unchanged", "committed", "activated", "dry-activated", "pending"])
    .optional()
    .describe(
      "How the last deployment ended; absent for a host that was imported. `pending`: the host was off, and has not been " +
        "seen since to be as wanted; the other outputs say what it was before, if it was ever seen.",
    ),
};

const hostInputsSchema = z.strictObject(hostInputsShape);

export type HostInputs = z.infer<typeof hostInputsSchema>;
