import { hostname, userInfo } from "node:os";

/** Who deploys, for journals. */
export function deployer(): string {
  return `${userInfo().username}@${hostname()}`;
}
