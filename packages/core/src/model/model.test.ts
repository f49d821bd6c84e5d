import { describe, expect, it } from "vitest";
import { connectionSchema } from "./connection.ts";
import { durationSchema, toMilliseconds } from "./duration.ts";
import { isHostName } from "./host-name.ts";
import { nextKeyName, signingKeyNameSchema, signingKeySchema } from "./signing-key.ts";
import { isStorePath, parseStorePath } from "./store-path.ts";

const toplevel = "/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-web01-25.05";

describe("store path", () => {
  it("accepts what Nix writes", () => expect(parseStorePath(toplevel)).toBe(toplevel));
  it.each([
    "",
    "/etc/passwd",
    `${toplevel}/bin/sh`,
    `${toplevel}\n`,
    `${toplevel} --flag`,
    "/nix/store/../etc",
    "/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-e-is-not-in-the-alphabet",
    "/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-$(id)",
    "-nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-x",
  ])("refuses %j", (text) => expect(isStorePath(text)).toBe(false));
});

describe("host name", () => {
  it.each(["web01", "web-01.lan", "a", "nas_1"])("accepts %j", (name) => expect(isHostName(name)).toBe(true));
  it.each(["", "-web", "web-", "a b", "a\nb", "$(id)", "a'b", "a..b", "../x", "-oProxyCommand=id", "a/b"])(
    "refuses %j",
    (name) => expect(isHostName(name)).toBe(false),
  );
});

describe("duration", () => {
  it.each([
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["500ms", 500],
    ["2h", 7_200_000],
  ])("%s is %d ms", (text, expected) => expect(toMilliseconds(durationSchema.parse(text))).toBe(expected));
  it.each(["30", "s", "-5s", "1d", "5s ", "1e3s"])("refuses %j", (text) =>
    expect(durationSchema.safeParse(text).success).toBe(false),
  );
});

describe("connection", () => {
  const ssh = (values: object) => connectionSchema.safeParse({ ssh: values }).success;
  it("accepts a full SSH connection", () =>
    expect(
      ssh({
        host: "fe80::1%eth0",
        port: 2222,
        user: "deploy",
        identityFile: "~/.ssh/id with space",
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJz",
        proxyJump: "me@jump:22",
        sudo: true,
      }),
    ).toBe(true));
  it.each([
    { host: "-oProxyCommand=id" },
    { host: "a b" },
    { host: "a\nProxyCommand id" },
    { user: "-l" },
    { user: "$(id)" },
    { identityFile: '/x"\nProxyCommand id' },
    { identityFile: "-i" },
    { hostKey: "ssh-ed25519 AAAA\nProxyCommand id" },
    { proxyJump: "-oProxyCommand=id" },
    { proxyJump: "a b" },
    { port: 0 },
    { unknown: 1 },
  ])("refuses %j", (values) => expect(ssh(values)).toBe(false));
  it("refuses two carriers at once", () =>
    expect(connectionSchema.safeParse({ ssh: {}, local: {} }).success).toBe(false));
});

describe("signing key", () => {
  const secret = `homelab-1:${"A".repeat(86)}==`;
  it("is read with the line end of its file", () =>
    expect(signingKeySchema.parse(`${secret}\n`)).toBe(secret));
  it.each([
    "",
    "homelab-1",
    `:${"A".repeat(86)}==`,
    `a b:${"A".repeat(86)}==`,
    `${secret}x`,
    `homelab-1:${"A".repeat(43)}=`,
  ])("is not %j", (text) => {
    const { success, error } = signingKeySchema.safeParse(text);
    expect(success).toBe(false);
    if (text !== "") expect(error?.message).not.toContain(text);
  });
  it.each(["-x", "../x", "a:b", "a b", "", "x".repeat(65)])("has no name like %j", (name) =>
    expect(signingKeyNameSchema.safeParse(name).success).toBe(false),
  );
  it.each([
    ["homelab-1", "homelab-2"],
    ["homelab-9", "homelab-10"],
    ["homelab", "homelab-2"],
    ["cache.example.org-2024-3", "cache.example.org-2024-4"],
  ])("after %s comes %s", (name, next) => expect(nextKeyName(name)).toBe(next));
});
