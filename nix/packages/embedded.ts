// Prints the module that gives a bundle the texts which the source tree reads from files beside its modules. It runs in the
// folder above packages/.
const { guardScript } = await import(new URL("packages/core/src/activation/guard.ts", import.meta.url).href);
const { inventoryExpression } = await import(
  new URL("packages/core/src/nix/inventory.ts", import.meta.url).href
);

console.log(`export const HOMELAB_ACTIVATE = ${JSON.stringify(guardScript())};`);
console.log(`export const HOMELAB_INVENTORY = ${JSON.stringify(inventoryExpression())};`);
