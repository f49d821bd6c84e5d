import { createAccount, createUser } from "nkeys.js";
import { describe, expect, it } from "vitest";
import { publicKeySchema } from "./nkey.ts";

const key = createUser().getPublicKey();
const seed = new TextDecoder().decode(createUser().getSeed());

describe("public NKey of a user", () => {
  it("is accepted as it is", () => expect(publicKeySchema.parse(key)).toBe(key));

  it.each([
    "",
    "U",
    `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`,
    `${key}\n`,
    key.toLowerCase(),
    createAccount().getPublicKey(),
  ])("%j is refused", (text) => expect(publicKeySchema.safeParse(text).success).toBe(false));

  it("a seed in its place is refused, and not shown", () => {
    const message = publicKeySchema.safeParse(seed).error?.message ?? "";
    expect(message).toContain("a seed, which is secret");
    expect(message).not.toContain(seed.slice(2, 20));
  });
});
