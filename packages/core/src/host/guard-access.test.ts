import { describe, expect, it } from "vitest";
import { DeployError } from "../errors.ts";
import type { Carrier, ExecOptions } from "./carrier.ts";
import { GuardAccess } from "./guard-access.ts";

const { signal } = new AbortController();
const toplevel = "/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-web01-25.05";
const status = (changes: object = {}) =>
  JSON.stringify({
    guard: 1,
    hostname: "web01",
    running: toplevel,
    generations: [],
    rebootRequired: false,
    bootId: "x",
    failedUnits: [],
    freeBytes: 1,
    deployments: [],
    ...changes,
  });
const refusal = (message: string) => JSON.stringify({ error: { code: "refused", message } });
const throws = (error: DeployError) => (): never => {
  throw error;
};
const asked = new DeployError("refused", "web01: sudo: a password is required");

/** A login that answers `asRoot` to any command, and `installed` to the guard that is installed on the host. */
function setUp(asRoot: () => string, installed: () => string, mayBeRestricted = true) {
  const calls: string[] = [];
  const carrier: Carrier = {
    mayBeRestricted,
    async exec(argv: readonly string[], { restricted }: ExecOptions) {
      calls.push(`${restricted ? "installed" : "root"} ${argv.at(-1)}`);
      return restricted ? installed() : asRoot();
    },
    async copy() {},
    async [Symbol.asyncDispose]() {},
  };
  return { calls, access: new GuardAccess("web01", carrier) };
}

describe("access to a host's guard", () => {
  it("sends the guard where the login becomes root", async () => {
    const { calls, access } = setUp(status, throws(asked));
    expect((await access.inspect(signal)).running).toBe(toplevel);
    expect(await access.isRestricted(signal)).toBe(false);
    expect(calls).toEqual(["root inspect"]);
  });

  it.each([
    ["sudo asks for a password", throws(asked)],
    ["a forced command refuses", () => refusal("this key may deploy, and run nothing else")],
  ])("asks the installed one when %s, and remembers", async (_title, asRoot) => {
    const { calls, access } = setUp(asRoot, status);
    await access.inspect(signal);
    await access.inspect(signal);
    await access.call(["confirm", "some-id"], { signal });
    expect(calls).toEqual(["root inspect", "installed inspect", "installed inspect", "installed some-id"]);
  });

  it("finds out before the first call of another verb", async () => {
    const { calls, access } = setUp(throws(asked), status);
    await access.call(["missing"], { signal });
    expect(calls).toEqual(["root inspect", "installed inspect", "installed missing"]);
  });

  it("tells both reasons in one sentence when the login can do neither", async () => {
    const missing = new DeployError("refused", "web01: sudo: homelab-activate: command not found");
    const { access } = setUp(throws(asked), throws(missing));
    await expect(access.inspect(signal)).rejects.toMatchObject({
      code: "refused",
      message:
        "web01 lets this login neither become root (sudo: a password is required) " +
        "nor run an installed guard (sudo: homelab-activate: command not found)",
      hint: expect.stringMatching(/NixOS module.*sudo.*sudoPassword/),
    });
  });

  it("keeps to root's own refusal, and to a lost connection", async () => {
    const root = setUp(() => refusal("no"), status, false);
    await expect(root.access.inspect(signal)).rejects.toMatchObject({
      code: "refused",
      message: "web01: no",
    });
    const lost = setUp(throws(new DeployError("unreachable", "off")), status);
    await expect(lost.access.inspect(signal)).rejects.toMatchObject({ code: "unreachable" });
    expect([root.calls, lost.calls]).toEqual([["root inspect"], ["root inspect"]]);
  });

  it.each([0, 2])("refuses an installed guard of protocol %s, whatever else it says", async (guard) => {
    const { access } = setUp(throws(asked), () => JSON.stringify({ guard, other: "words" }));
    await expect(access.inspect(signal)).rejects.toMatchObject({
      code: "refused",
      message: `web01 has a guard that speaks protocol ${guard}, and this program speaks protocol 1`,
    });
  });
});
