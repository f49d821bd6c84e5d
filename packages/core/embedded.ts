import { guardScript } from "./src/activation/guard.ts";
import { inventoryExpression } from "./src/nix/inventory.ts";

/**
 * What a bundle holds in place of the files that the source tree reads beside its modules: JavaScript expressions, by the
 * names under which the sources look for them.
 */
export function embedded(): Record<string, string> {
  return {
    HOMELAB_ACTIVATE: JSON.stringify(guardScript()),
    HOMELAB_INVENTORY: JSON.stringify(inventoryExpression()),
  };
}
