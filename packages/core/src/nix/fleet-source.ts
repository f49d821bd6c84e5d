import { z } from "zod";

// Nix would read a leading dash as a flag, and `#` as the start of an attribute path.
const reference = z.string().regex(/^[^-#\p{Cc}\s][^#\p{Cc}]*$/u, {
  error: (issue) => `not a flake reference without "#": ${JSON.stringify(issue.input)}`,
});
const inputPath = z.string().regex(/^[A-Za-z_][A-Za-z0-9_'-]*(?:\/[A-Za-z_][A-Za-z0-9_'-]*)*$/, {
  error: (issue) => `not the name of a flake input: ${JSON.stringify(issue.input)}`,
});

/** Where hosts are defined: a flake's `nixosConfigurations`, or a plain Nix file. */
export const fleetSourceSchema = z.strictObject({
  flake: reference
    .optional()
    .describe(
      "Flake reference whose `nixosConfigurations` are the hosts, such as `.` or `git+https://…?ref=main`.",
    ),
  file: z
    .string()
    .regex(/^[^-\p{Cc}][^\p{Cc}]*$/u)
    .optional()
    .describe(
      "Plain Nix file, instead of a flake: an attribute set of hosts, or one with `nixosConfigurations`.",
    ),
  overrideInputs: z
    .record(inputPath, reference)
    .optional()
    .describe("Inputs of the flake to replace, as `nix --override-input`."),
  impure: z
    .boolean()
    .optional()
    .describe("Evaluate with access to the environment; such evaluations are not cached. Default: false."),
});

export type FleetSource = z.infer<typeof fleetSourceSchema>;
