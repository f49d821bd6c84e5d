import { createUser, fromSeed } from "nkeys.js";
import { describe, expect, it } from "vitest";
import { ReplayMemory } from "./replay-memory.ts";
import { signRequest, verifyRequest } from "./signature.ts";

const [deployer, stranger] = [createUser(), createUser()];
const key = deployer.getPublicKey();
const now = Date.parse("2026-01-01T12:00:00Z");
const bytes = (text: string) => new TextEncoder().encode(text);
const request = { subject: "homelab.v1.prod.web01.begin", host: "web01", body: bytes('{"id":"1"}'), now };
const signed = (changes: object = {}, pair = deployer) =>
  signRequest({ publicKey: pair.getPublicKey(), seed: pair.getSeed() }, { ...request, ...changes });

const verify = (headers: ReadonlyMap<string, string>, changes: object = {}, trust: object = {}) =>
  verifyRequest(
    headers,
    { ...request, ...changes },
    { trusted: [key], seen: new ReplayMemory(), since: now - 600_000, ...trust },
  );

const changed = (name: string, value: string) => new Map([...signed(), [name, value]]);

describe("a signed request", () => {
  it("is taken from the key that signed it", () => expect(verify(signed())).toEqual({ key }));

  it("is taken for several hosts when it was signed for several", () =>
    expect(verify(signed({ subject: "deploy.prod.all", host: "*" }), { subject: "deploy.prod.all" })).toEqual(
      { key },
    ));

  it("is signed with Ed25519 over lines that another program can make", () => {
    const headers = signed();
    const header = (name: string) => headers.get(`Homelab-${name}`) ?? "";
    const digest = "5811967f540d300d249ab30ae681359a7815fdb5d3dc71a94be1d491006a6b27";
    const text = [
      "homelab-v1",
      request.subject,
      "web01",
      String(now),
      String(now + 60_000),
      header("Nonce"),
      digest,
    ].join("\n");
    const signature = Buffer.from(header("Signature"), "base64");
    expect(fromSeed(deployer.getSeed()).verify(bytes(text), signature)).toBe(true);
  });

  it.each([
    ["no headers", new Map(), {}, {}, "not signed"],
    ["an unknown key", signed({}, stranger), {}, {}, "does not trust the key U"],
    ["another's key in the headers", changed("Homelab-Key", stranger.getPublicKey()), {}, {}, "not trust"],
    ["no signature", changed("Homelab-Signature", ""), {}, {}, "was changed"],
    ["a signature that is none", changed("Homelab-Signature", "%%%"), {}, {}, "was changed"],
    ["another body", signed(), { body: bytes('{"id":"2"}') }, {}, "was changed"],
    ["another subject", signed(), { subject: "homelab.v1.prod.web01.abort" }, {}, "another subject"],
    ["another host", signed(), { host: "web02" }, {}, "meant for web01"],
    ["another host in the headers", changed("Homelab-Host", "web02"), { host: "web02" }, {}, "was changed"],
    ["a later end", changed("Homelab-Expires", String(now + 59_000)), {}, {}, "was changed"],
    ["another nonce", changed("Homelab-Nonce", "x"), {}, {}, "was changed"],
    ["a time past its end", signed(), { now: now + 70_001 }, {}, "expired"],
    ["a time before its issue", signed(), { now: now - 10_001 }, {}, "issued in the future"],
    ["a listener started since", signed(), {}, { since: now + 1 }, "before the listener was started"],
    ["no trusted key", signed(), {}, { trusted: [] }, "does not trust"],
  ])("is refused with %s", (_title, headers, changes, trust, reason) => {
    const refusal = expect.objectContaining({ code: "refused", message: expect.stringContaining(reason) });
    expect(() => verify(headers, changes, trust)).toThrow(refusal);
  });

  it.each([-10_000, 0, 70_000])("is taken by a clock that is %d ms past its issue", (difference) =>
    expect(verify(signed(), { now: now + difference })).toEqual({ key }),
  );

  it("is refused when it comes again, for as long as it is good", () => {
    const seen = new ReplayMemory(1);
    const headers = signed();
    verify(headers, {}, { seen });
    for (const time of [now, now + 70_000]) {
      expect(() => verify(headers, { now: time }, { seen })).toThrow("replayed");
      expect(() => verify(signed(), { now: time }, { seen })).toThrow("too many");
    }
    const later = { now: now + 70_001 };
    expect(verify(signed(later), later, { seen })).toEqual({ key });
  });

  it("is not used up by a copy that was changed", () => {
    const seen = new ReplayMemory();
    const headers = signed();
    expect(() => verify(headers, { body: bytes("x") }, { seen })).toThrow("was changed");
    expect(verify(headers, {}, { seen })).toEqual({ key });
  });

  it("that is good for longer than a minute is refused", () => {
    const lines = ["homelab-v1", request.subject, "web01", String(now), String(now + 60_001), "n"];
    const digest = "5811967f540d300d249ab30ae681359a7815fdb5d3dc71a94be1d491006a6b27";
    const signature = deployer.sign(bytes([...lines, digest].join("\n")));
    const headers = new Map([
      ["Homelab-Key", key],
      ["Homelab-Host", "web01"],
      ["Homelab-Issued", String(now)],
      ["Homelab-Expires", String(now + 60_001)],
      ["Homelab-Nonce", "n"],
      ["Homelab-Signature", Buffer.from(signature).toString("base64")],
    ]);
    expect(() => verify(headers)).toThrow("longer than a minute");
  });
});

describe("the memory of requests", () => {
  it("is bounded, and forgets none before its time", () => {
    const seen = new ReplayMemory(2);
    seen.add("a", 100, 0);
    seen.add("b", 200, 0);
    expect(() => seen.add("c", 300, 100)).toThrow("too many");
    expect(() => seen.add("a", 300, 100)).toThrow("replayed");
    seen.add("c", 300, 101);
    expect(() => seen.add("b", 300, 101)).toThrow("replayed");
  });
});
