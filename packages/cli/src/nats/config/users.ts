import { DeployError } from "@homelab-deploy/core";
import type { Description } from "./description.ts";

/** A user of the NATS server. */
export type User = { readonly name: string; readonly key: string } & (
  | { readonly kind: "host"; readonly tier: string; readonly role?: string | undefined }
  | { readonly kind: "deployer"; readonly tier: string; readonly version0: boolean }
  | { readonly kind: "assistant"; readonly tier: "test" }
  | { readonly kind: "admin" }
);

type Kind = User["kind"];
type Keyless = User extends infer U
  ? U extends User
    ? Omit<U, "key"> & { key?: string | undefined }
    : never
  : never;

/** Finds the key of a user who is described without one. */
export type FindKey = (kind: Kind, name: string) => Promise<string | undefined>;

/** All users of `description`. Throws `invalid-input` when one has no key, or two have the same. */
export async function usersOf(description: Description, findKey: FindKey): Promise<User[]> {
  const users: User[] = [];
  const owners = new Map<string, string>();
  for (const user of described(description)) {
    const { kind, name } = user;
    const key = user.key ?? (await findKey(kind, name));
    if (key === undefined) {
      throw new DeployError("invalid-input", `the ${kind} ${name} has no key`, {
        hint: "Give its public key, or have one made with --generate-keys.",
      });
    }
    const owner = owners.get(key);
    if (owner !== undefined) {
      throw new DeployError("invalid-input", `the ${kind} ${name} has the key of the ${owner}`, {
        hint: "A key says who somebody is: everybody needs one of their own.",
      });
    }
    owners.set(key, `${kind} ${name}`);
    users.push({ ...user, key } as User);
  }
  return users;
}

function described({ hosts, deployers, assistants, admins }: Description): Keyless[] {
  const each = <T, U>(record: Record<string, T>, make: (name: string, value: T) => U): U[] =>
    Object.entries(record).map(([name, value]) => make(name, value));
  return [
    ...each(hosts, (name, host) => ({ kind: "host" as const, name, ...host })),
    ...each(deployers, (name, deployer) => ({ kind: "deployer" as const, name, ...deployer })),
    ...each(assistants, (name, { key }) => ({
      kind: "assistant" as const,
      name,
      key,
      tier: "test" as const,
    })),
    ...each(admins, (name, { key }) => ({ kind: "admin" as const, name, key })),
  ];
}
