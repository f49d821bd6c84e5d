import { join } from "node:path";

export const tier = "test";
/** A subject that everybody may use with the permissions that they have, and nothing of this project answers. */
export const floorSubject = "$SRV.FLOOR";

export function hostName(number: number): string {
  return `host${String(number).padStart(4, "0")}`;
}

/** File with the seed of a user, such as `hosts/host0000`. */
export function keyFile(keys: string, user: string): string {
  return join(keys, `${user}.nkey`);
}
