import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectOptions, connectNats } from "@homelab-deploy/core/nats";
import { type NatsServer, startNatsServer } from "@homelab-deploy/testbed";
import { nkeys } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate } from "./support/certificate.ts";
import { runCli } from "./support/run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "homelab-nats-login-"));
const file = (name: string) => join(directory, name);
const { signal } = new AbortController();
afterAll(() => rmSync(directory, { recursive: true }));

describe("a NATS server with TLS that demands certificates of clients", () => {
  let server: NatsServer;
  beforeAll(async () => {
    for (const ca of ["ca", "other"]) makeCertificate(directory, ca);
    for (const name of ["server", "client"]) makeCertificate(directory, name, "ca");
    server = await startNatsServer();
    const tls = `{ certFile: ${file("server.crt")}, keyFile: ${file("server.key")}, caFile: ${file("ca.crt")} }`;
    writeFileSync(file("nats.yaml"), `listen: 127.0.0.1:${server.port}\ntls: ${tls}\nadmins: { alice: }\n`);
    const { stdout } = await runCli("nats-config", file("nats.yaml"), "--generate-keys", file("keys"));
    await server.stop();
    await server.start(stdout);
  });
  afterAll(() => server.remove());

  const connect = (tls: ConnectOptions["tls"], scheme = "tls", host = "127.0.0.1") => {
    const url = `${scheme}://${host}:${server.port}`;
    return connectNats({ url, name: "test", nkeyFile: file("keys/admins/alice.nkey"), signal, tls });
  };
  const client = () => ({ certFile: file("client.crt"), keyFile: file("client.key") });

  it("is reached with its CA and a certificate, whatever the URL says", async () => {
    for (const scheme of ["tls", "nats"]) {
      const nats = await connect({ caFile: file("ca.crt"), ...client() }, scheme);
      await nats.publish("deploy.discover", "{}");
      await nats.close();
    }
  });

  it.each([
    ["without its CA", () => connect(client()), "unreachable", /certificate/],
    [
      "with another CA",
      () => connect({ caFile: file("other.crt"), ...client() }),
      "unreachable",
      /certificate/,
    ],
    // Of TLS 1.3 the client thinks that all is well, and then hears no more.
    ["without a certificate", () => connect({ caFile: file("ca.crt") }), "timeout", /no answer/],
    [
      "when it shows the certificate of another machine",
      () => connect({ caFile: file("ca.crt"), ...client() }, "tls", "localhost"),
      "unreachable",
      /does not match certificate/,
    ],
    ["without TLS", () => connect(undefined, "nats"), "unreachable", /certificate/],
  ])("is not reached %s", async (_title, attempt, code, reason) =>
    expect(attempt()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(reason),
    }),
  );
});

describe("a NATS server that knows users by JWT", () => {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  let server: NatsServer;
  beforeAll(async () => {
    const limits = {
      subs: -1,
      data: -1,
      payload: -1,
      conn: -1,
      leaf: -1,
      imports: -1,
      exports: -1,
      wildcards: true,
    };
    const permissions = { pub: { allow: ["a.>"] }, sub: { allow: [`_INBOX_${user.getPublicKey()}.>`] } };
    const unlimited = { subs: -1, data: -1, payload: -1 };
    const [byOperator, ofAccount, ofUser] = [
      mint(operator, operator, { type: "operator" }),
      mint(operator, account, { type: "account", limits }),
      mint(account, user, { type: "user", ...permissions, ...unlimited }),
    ];
    const preload = `resolver_preload: { ${account.getPublicKey()}: ${ofAccount} }`;
    server = await startNatsServer({ config: `operator: ${byOperator}\nresolver: MEMORY\n${preload}` });
    const seed = new TextDecoder().decode(user.getSeed());
    writeFileSync(
      file("user.creds"),
      `-----BEGIN NATS USER JWT-----\n${ofUser}\n------END NATS USER JWT------\n\n` +
        `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
    );
  });
  afterAll(() => server.remove());

  it("is reached with a credentials file, as the user that it names", async () => {
    const nats = await connectNats({
      url: server.url,
      name: "test",
      credentialsFile: file("user.creds"),
      signal,
    });
    expect(nats.identity?.publicKey).toBe(user.getPublicKey());
    await nats.publish("a.x", "fine");
    await expect(nats.publish("b.x", "no")).rejects.toMatchObject({ code: "refused" });
    await nats.close();
  });
});

/** A certificate for this machine: of its own, or signed by `ca`. */
interface Pair {
  getPublicKey(): string;
  sign(text: Uint8Array): Uint8Array;
}

/** A JSON web token by which `issuer` vouches for `subject`. */
function mint(issuer: Pair, subject: Pair, nats: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ typ: "JWT", alg: "ed25519-nkey" });
  const sub = subject.getPublicKey();
  const body = part({
    jti: sub,
    iat: 1,
    iss: issuer.getPublicKey(),
    sub,
    name: "test",
    nats: { ...nats, version: 2 },
  });
  const signature = Buffer.from(issuer.sign(new TextEncoder().encode(`${head}.${body}`)));
  return `${head}.${body}.${signature.toString("base64url")}`;
}
