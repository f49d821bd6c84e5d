import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  deployResponseSchema,
  readDeployRequest,
  readDeployResponse,
  writeDeployRequest,
} from "./deployment.ts";
import { discoveredSchema, readDiscovered, readDiscoverRequest, writeDiscoverRequest } from "./discovery.ts";

interface Case {
  readonly title: string;
  readonly message: unknown;
  /** What is read from the message. */
  readonly read?: Record<string, unknown>;
  /** The error code with which a request is rejected; null: without one. */
  readonly refused?: string | null;
  readonly replyTo?: string;
  readonly unreadable?: true;
}

const corpus = join(import.meta.dirname, "../../../test/corpus/v0");
const cases = (kind: string) =>
  readdirSync(join(corpus, kind)).map((file): [string, Case] => {
    const found: Case = JSON.parse(readFileSync(join(corpus, kind, file), "utf8"));
    return [`${file}: ${found.title}`, found];
  });
const again = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("a deployment request of version 0", () => {
  it.each(cases("deploy-request"))("%s", (_title, { message, read, refused, replyTo }) => {
    const received = readDeployRequest(JSON.stringify(message));
    if (read !== undefined) {
      expect(again(received)).toEqual(read);
      if (received.request === undefined || received.replyTo === undefined) return;
      const written = writeDeployRequest(received.request, received.replyTo);
      expect(readDeployRequest(written)).toEqual(received);
      expect(message).toMatchObject(JSON.parse(written));
      return;
    }
    expect(received).toMatchObject({ replyTo, error: refused, message: expect.stringMatching(/./) });
  });
  it("is no text that is not JSON", () => {
    expect(readDeployRequest("switch main")).toMatchObject({ error: null, message: "not a JSON object" });
  });
});

describe("a response of version 0", () => {
  it.each(cases("deploy-response"))("%s", (_title, { message, read }) => {
    const response = readDeployResponse(JSON.stringify(message));
    expect(response).toEqual(read);
    if (response !== undefined) expect(deployResponseSchema.parse(again(response))).toEqual(response);
  });
});

describe("discovery of version 0", () => {
  it.each(cases("discover-request"))("request %s", (_title, { message, read }) => {
    const request = readDiscoverRequest(JSON.stringify(message));
    expect(again(request)).toEqual(read);
    if (request.replyTo !== undefined)
      expect(readDiscoverRequest(writeDiscoverRequest(request.replyTo))).toEqual(request);
  });
  it.each(cases("discover-response"))("response %s", (_title, { message, read }) => {
    const discovered = readDiscovered(JSON.stringify(message));
    expect(discovered).toEqual(read);
    if (discovered !== undefined) expect(discoveredSchema.parse(again(discovered))).toEqual(discovered);
  });
});
