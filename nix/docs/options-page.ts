import { resolve } from "node:path";
import { z } from "zod";
import { run } from "../../packages/testbed/src/process.ts";

const checkout = resolve(import.meta.dirname, "../..");

/** The page that this writes and whose text it is. */
export const optionsFile = resolve(checkout, "docs/options.md");

const OptionSchema = z.object({
  name: z.string(),
  description: z.string(),
  type: z.string(),
  default: z.string().nullable(),
  example: z.string().nullable(),
  declarations: z.array(z.string()),
});
type Option = z.infer<typeof OptionSchema>;
const OptionsSchema = z.object({ host: z.array(OptionSchema), fleet: z.array(OptionSchema) });

/** The text of docs/options.md, from the declarations in nix/modules and nix/fleet. */
export async function optionsPage(): Promise<string> {
  const expression = `import ${checkout}/nix/docs/options.nix {
    nixpkgs = builtins.getFlake "path:${checkout}/packages/testbed/nixpkgs";
    system = "x86_64-linux";
  }`;
  const json = await run(["nix", "eval", "--impure", "--json", "--expr", expression]);
  const { host, fleet } = OptionsSchema.parse(JSON.parse(json));
  return [
    "# Options",
    "What the modules themselves say of their options. `npm run docs` writes this page.",
    "## Of a host",
    "NixOS modules: the flake's `nixosModules`, files in [nix/modules](../nix/modules).",
    ...host.map(section),
    "## Of a fleet",
    "Modules for `mkFleet`: the flake's `fleetModules`, files in [nix/fleet](../nix/fleet).",
    ...fleet.map(section),
  ]
    .join("\n\n")
    .concat("\n");
}

function section({ name, description, type, declarations, ...option }: Option): string {
  const declared = declarations.map((file) => `[${file}](../${file})`).join(", ");
  return [
    `### \`${name}\``,
    description.trim(),
    [
      `- type: ${inline(type)}`,
      ...(option.default === null ? [] : [`- default:${code(option.default)}`]),
      ...(option.example === null ? [] : [`- example:${code(option.example)}`]),
      `- declared in ${declared}`,
    ].join("\n"),
  ].join("\n\n");
}

function code(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.includes("\n")) return ` ${inline(trimmed)}`;
  const lines = ["```nix", ...trimmed.split("\n"), "```"];
  return ["", "", ...lines.map((line) => (line === "" ? line : `  ${line}`)), ""].join("\n");
}

// Backticks within need more of them around.
const inline = (text: string) => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``);
