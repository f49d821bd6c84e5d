import { describe, expect, it } from "vitest";
import { type ConnectionDefaults, connectionOf } from "./connection-defaults.ts";

const config: ConnectionDefaults = {
  connection: { ssh: { user: "deploy", port: 2222 } },
  hosts: { web01: { host: "10.0.0.1", user: "root" } },
};
const key = () => "/run/key";

describe("connection to a host", () => {
  it("is SSH under its name when nothing is said", () =>
    expect(connectionOf("db01", {}, {})).toEqual({ ssh: { host: "db01" } }));

  it("has the defaults", () =>
    expect(connectionOf("db01", {}, config)).toEqual({
      ssh: { host: "db01", user: "deploy", port: 2222 },
    }));

  it("is what is said of this host before that", () =>
    expect(connectionOf("web01", {}, config)).toEqual({
      ssh: { host: "10.0.0.1", user: "root", port: 2222 },
    }));

  it("is what the host says before all", () =>
    expect(connectionOf("web01", { connection: { ssh: { host: "::1" } } }, config)).toEqual({
      ssh: { host: "::1", user: "root", port: 2222 },
    }));

  it("uses the configured key unless a file is named", () => {
    expect(connectionOf("web01", {}, {}, key)).toEqual({ ssh: { host: "web01", identityFile: "/run/key" } });
    expect(connectionOf("web01", { connection: { ssh: { identityFile: "/own" } } }, {}, key)).toEqual({
      ssh: { host: "web01", identityFile: "/own" },
    });
  });

  const nats = { url: "nats://nats.example.com", nkeyFile: "/run/nkey" };

  it("is NATS when the host says so, with the defaults and the tier of the host", () => {
    const defaults = { connection: { ...config.connection, nats } };
    const asked = { tier: "prod", connection: { nats: { host: "web" } } };
    expect(connectionOf("web01", asked, defaults, key)).toEqual({
      nats: { ...nats, tier: "prod", host: "web" },
    });
    expect(connectionOf("web01", { tier: "prod" }, defaults)).toHaveProperty("ssh");
  });

  it("is NATS when nothing else is known of the host", () => {
    const defaults = { connection: { nats: { ...nats, tier: "test" } }, hosts: { web01: {} } };
    expect(connectionOf("db01", {}, defaults, key)).toEqual({ nats: { ...nats, tier: "test" } });
    expect(connectionOf("web01", {}, defaults)).toEqual({ ssh: { host: "web01" } });
    expect(connectionOf("db01", { connection: { ssh: {} } }, defaults)).toEqual({
      ssh: { host: "db01" },
    });
  });

  it("has one user, of the host or of the defaults", () => {
    const own = { connection: { nats: { credentialsFile: "/own.creds" } } };
    expect(connectionOf("web01", own, { connection: { nats } })).toEqual({
      nats: { url: nats.url, credentialsFile: "/own.creds" },
    });
  });

  it("is this machine when the host says so, without any key", () =>
    expect(connectionOf("web01", { connection: { local: {} } }, config, key)).toEqual({ local: {} }));
});
