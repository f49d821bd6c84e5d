import { readFileSync } from "node:fs";

// Given by the bundler, which puts the whole expression into the bundle.
declare const HOMELAB_INVENTORY: string | undefined;

/**
 * A Nix expression, the attribute set of `inventory/inventory.nix`. It is a text, since pure evaluation reads no file
 * that is not in the flake.
 */
export function inventoryExpression(): string {
  if (typeof HOMELAB_INVENTORY === "string") return HOMELAB_INVENTORY;
  const read = (file: string) =>
    readFileSync(new URL(`../../src/nix/inventory/${file}`, import.meta.url), "utf8");
  const names: string[] = JSON.parse(read("parts.json"));
  const parts = names.map((name) => `${name} = (${read(`${name}.nix`)}) parts;`);
  return `let parts = { ${parts.join("\n")} }; in parts.inventory`;
}
