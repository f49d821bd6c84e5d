import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { type ConnectedNats, ObjectStore } from "@homelab-deploy/core/nats";
import { createInbox, type Msg } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NatsSite, startNatsSite } from "./support/nats-site.ts";
import { runCli } from "./support/run-cli.ts";

const users = `
hosts:
  web01: { tier: prod, role: web }
  web02: { tier: prod, role: web }
  web03: { tier: test }
deployers:
  ci-prod: { tier: prod }
  ci-test: { tier: test }
  old: { tier: test, version0: true }
assistants: { desk: }
admins: { alice: }
`;

const web01 = "hosts/web01";
const web02 = "hosts/web02";
const web03 = "hosts/web03";
const prod = "deployers/ci-prod";
const test = "deployers/ci-test";
const old = "deployers/old";
const desk = "assistants/desk";
const alice = "admins/alice";
const everybody = [web01, web02, web03, prod, test, old, desk, alice];

let site: NatsSite;
const connected = new Map<string, ConnectedNats>();
const keys = new Map<string, string>();

beforeAll(async () => {
  site = await startNatsSite(users);
  for (const user of everybody) {
    connected.set(user, await site.connect(user));
    keys.set(user, await site.publicKey(user));
  }
});
afterAll(() => site?.[Symbol.asyncDispose]());

function as(user: string): ConnectedNats {
  const found = connected.get(user);
  if (found === undefined) throw new Error(`there is no user ${user}`);
  return found;
}

/** `<web01>` in a subject stands for the public key of hosts/web01, and so on. */
const filled = (subject: string) =>
  subject.replace(/<([a-z0-9-]+)>/g, (_whole, name: string) => {
    const found = everybody.find((user) => user.endsWith(`/${name}`));
    return keys.get(found ?? "") ?? "";
  });

/** Whether the server lets `user` do it: "refused" or "permitted". */
async function tried(user: string, operation: "publish" | "subscribe", subject: string): Promise<string> {
  const nats = as(user);
  if (operation === "publish") {
    const published = nats.publish(filled(subject), "{}");
    return published.then(() => "permitted").catch((error) => error.code);
  }
  const { promise, resolve } = Promise.withResolvers<string>();
  const subscription = nats.connection.subscribe(filled(subject), {
    callback: (error) => error !== null && resolve("refused"),
  });
  await nats.connection.flush();
  setTimeout(resolve, 50, "permitted");
  const result = await promise;
  subscription.unsubscribe();
  return result;
}

/** Everything that comes to `user` on `subjects`, until the function that is returned is called. */
async function heard(user: string, ...subjects: string[]) {
  const messages: Msg[] = [];
  const subscriptions = subjects.map((subject) =>
    as(user).connection.subscribe(filled(subject), {
      callback: (error, message) => void (error === null && messages.push(message)),
    }),
  );
  await as(user).connection.flush();
  return {
    messages,
    texts: () => messages.map((message) => message.string()),
    end: () => subscriptions.map((subscription) => subscription.unsubscribe()),
  };
}

describe("homelab-deploy nats-config", () => {
  it("makes each key once, for this user only, and never shows a seed", async () => {
    const again = await runCli("nats-config", site.description, "--generate-keys", site.keys);
    expect([again.status, again.stderr]).toEqual([0, ""]);
    for (const user of everybody) {
      const seed = readFileSync(site.keyFile(user), "utf8").trim();
      expect(again.stdout).toContain(keys.get(user));
      expect(seed).toMatch(/^SU/);
      expect(again.stdout + site.written).not.toContain(seed);
      expect(statSync(site.keyFile(user)).mode & 0o777).toBe(0o600);
    }
    expect(site.written.match(/Made the key/g)).toHaveLength(everybody.length);
  });

  it("takes hosts of a flake, with the tier and the role of their configuration", async () => {
    const directory = dirname(site.description);
    writeFileSync(
      join(directory, "flake.nix"),
      `{ outputs = _: { nixosConfigurations.dns01.config = {
        system.build.toplevel = derivation { name = "dns01"; system = "x86_64-linux"; builder = "/bin/sh"; };
        homelab.deploy = { tier = "prod"; role = "dns"; };
      }; }; }`,
    );
    writeFileSync(join(directory, "empty.yaml"), "");
    const flake = ["--flake", `path:${directory}`, "--generate-keys", join(directory, "others")];
    const { status, stdout } = await runCli("nats-config", join(directory, "empty.yaml"), ...flake, "--json");
    expect([status, JSON.parse(stdout).users]).toEqual([
      0,
      [{ kind: "host", name: "dns01", tier: "prod", role: "dns", key: expect.stringMatching(/^U/) }],
    ]);
  });

  it("apply: leaves alone what is there, and is for admins", async () => {
    const apply = (user: string) => {
      const login = ["--nats-url", site.server.url, "--nkey-file", site.keyFile(user)];
      return runCli("nats-config", "apply", site.description, ...login, "--json");
    };
    const { status, stdout } = await apply(alice);
    expect({ status, made: JSON.parse(stdout) }).toEqual({ status: 0, made: { prod: [], test: [] } });
    expect(await apply(prod)).toMatchObject({ status: 1, stdout: expect.stringContaining("refused") });
  });

  it.each([
    [["missing.yaml"], /missing\.yaml: there is no such file/],
    [["DESCRIPTION"], /the host web01 has no key\nHint: .*--generate-keys/],
    [["apply", "DESCRIPTION"], /--nats-url is missing/],
    [["apply", "DESCRIPTION", "--nats-url", "nats://x"], /neither --nkey-file nor --credentials-file/],
    [["DESCRIPTION", "--flake", "-x"], /--flake: not a flake reference/],
  ])("refuses %j", async (args, reason) => {
    const argv = args.map((arg) => (arg === "DESCRIPTION" ? site.description : arg));
    const { status, stdout, stderr } = await runCli("nats-config", ...argv);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(reason);
  });
});

describe("a server with what nats-config writes refuses", () => {
  it.each([
    // A host that was taken over.
    [web01, "publish", "deploy.prod.web02"],
    [web01, "publish", "deploy.prod.all"],
    [web01, "publish", "deploy.discover"],
    [web01, "publish", "homelab.v1.prod.web02.begin"],
    [web01, "publish", "homelab.v1.prod.web01.begin"],
    [web01, "publish", "homelab.v1.prod.web02.events.12345678"],
    [web01, "publish", "$O.homelab-closures.C.x"],
    [web01, "publish", "$KV.homelab-wanted.prod.web01"],
    [web01, "publish", "$KV.homelab-wanted.prod.web02"],
    [web01, "publish", "$JS.API.CONSUMER.CREATE.OBJ_homelab-closures"],
    [web01, "publish", "$JS.API.CONSUMER.CREATE.homelab-events.x.homelab.v1.prod.web01.events.>"],
    [web01, "publish", "$JS.API.STREAM.CREATE.mine"],
    [web01, "publish", "$JS.API.CONSUMER.CREATE.homelab-events"],
    [web01, "publish", "$JS.API.CONSUMER.MSG.NEXT.homelab-events.x"],
    [web01, "publish", "$JS.API.STREAM.INFO.homelab-events"],
    [web01, "publish", "$JS.API.STREAM.MSG.GET.homelab-events"],
    [web01, "publish", "$JS.API.DIRECT.GET.homelab-events"],
    [web01, "publish", "$JS.API.DIRECT.GET.homelab-events.homelab.v1.prod.web01.events.12345678"],
    [web01, "publish", "$JS.API.STREAM.DELETE.homelab-events"],
    [web01, "publish", "$JS.API.STREAM.PURGE.homelab-events"],
    [web01, "publish", "$JS.API.STREAM.UPDATE.homelab-events"],
    [web01, "publish", "$JS.API.STREAM.MSG.DELETE.homelab-events"],
    [web01, "publish", "$JS.API.STREAM.MSG.GET.KV_homelab-wanted"],
    [web01, "publish", "$JS.API.DIRECT.GET.KV_homelab-wanted.$KV.homelab-wanted.prod.web02"],
    [web01, "publish", "$SRV.PING"],
    [web01, "publish", "_INBOX_<web02>.x"],
    [web01, "publish", "_INBOX_<ci-prod>.x"],
    [web01, "subscribe", "deploy.prod.web02"],
    [web01, "subscribe", "deploy.prod.role.dns"],
    [web01, "subscribe", "deploy.>"],
    [web01, "subscribe", "homelab.v1.prod.web02.*"],
    [web01, "subscribe", "homelab.v1.prod.web01.events.>"],
    [web01, "subscribe", "deploy.responses.>"],
    [web01, "subscribe", "_INBOX_<ci-prod>.>"],
    [web01, "subscribe", "_INBOX.>"],
    [web01, "subscribe", "$O.homelab-closures.>"],
    [web01, "subscribe", ">"],
    // A deployer.
    [test, "publish", "deploy.prod.web01"],
    [test, "publish", "deploy.prod.all"],
    [test, "publish", "homelab.v1.prod.web01.begin"],
    [test, "publish", "homelab.v1.prod.web01.inspect"],
    [test, "publish", "homelab.v1.test.web03.events.12345678"],
    [test, "publish", "$KV.homelab-wanted.prod.web01"],
    [test, "publish", "$JS.API.STREAM.CREATE.mine"],
    [test, "publish", "$JS.API.STREAM.UPDATE.homelab-events"],
    [test, "publish", "$JS.API.STREAM.PURGE.homelab-events"],
    [test, "publish", "$JS.API.STREAM.MSG.DELETE.homelab-events"],
    [test, "publish", "JS.prod.API.STREAM.INFO.homelab-events"],
    [test, "publish", "JS.prod.API.DIRECT.GET.homelab-events"],
    [test, "publish", "$SYS.REQ.SERVER.PING"],
    [test, "subscribe", "deploy.>"],
    [test, "subscribe", "homelab.v1.*.*.events.>"],
    [test, "subscribe", "homelab.v1.test.web03.*"],
    [test, "subscribe", "deploy.responses.>"],
    [test, "subscribe", "_INBOX_<old>.>"],
    [old, "publish", "deploy.prod.web01"],
    [prod, "publish", "deploy.test.web03"],
    [prod, "publish", "$JS.API.STREAM.DELETE.homelab-events"],
    [prod, "publish", "$JS.API.STREAM.UPDATE.homelab-events"],
    [prod, "publish", "homelab.v1.prod.web01.events.12345678"],
    // An assistant.
    [desk, "publish", "deploy.prod.web01"],
    [desk, "publish", "homelab.v1.test.web03.begin"],
    [desk, "publish", "homelab.v1.test.web03.confirm"],
    [desk, "publish", "homelab.v1.prod.web01.inspect"],
    [desk, "publish", "$O.homelab-closures.C.x"],
    [desk, "publish", "$JS.API.INFO"],
    [desk, "publish", "$JS.API.STREAM.INFO.homelab-events"],
    [desk, "publish", "$JS.API.DIRECT.GET.homelab-events"],
    [desk, "publish", "JS.test.API.DIRECT.GET.homelab-events"],
    [desk, "subscribe", "homelab.v1.test.*.events.>"],
    [desk, "subscribe", "deploy.responses.<ci-test>.>"],
    // An admin.
    [alice, "publish", "homelab.v1.prod.web01.events.12345678"],
    [alice, "subscribe", "deploy.prod.>"],
    [alice, "subscribe", "_INBOX_<ci-prod>.>"],
  ] as const)("%s: %s %s", async (user, operation, subject) =>
    expect(await tried(user, operation, subject)).toBe("refused"),
  );
});

describe("a server with what nats-config writes permits", () => {
  it.each([
    [web01, "subscribe", "deploy.prod.role.web"],
    [web01, "subscribe", "homelab.v1.prod.web01.*"],
    [web01, "subscribe", "$SRV.PING.homelab-deploy.x"],
    [web01, "publish", "deploy.responses.abc123"],
    [prod, "publish", "homelab.v1.prod.web01.begin"],
    [prod, "publish", "deploy.prod.role.web"],
    [prod, "publish", "$JS.API.STREAM.INFO.homelab-events"],
    [prod, "publish", "$JS.API.DIRECT.GET.homelab-events"],
    [old, "subscribe", "deploy.responses.abc123"],
    [desk, "publish", "deploy.test.all"],
    [desk, "publish", "homelab.v1.test.web03.history"],
    [alice, "publish", "homelab.v1.test.web03.begin"],
    [alice, "publish", "JS.prod.API.DIRECT.GET.homelab-events"],
  ] as const)("%s: %s %s", async (user, operation, subject) =>
    expect(await tried(user, operation, subject)).toBe("permitted"),
  );

  it.each([
    [prod, "prod", web01],
    [test, "test", web03],
    [desk, "test", web03],
    [alice, "prod", web01],
    [alice, "test", web03],
  ])("%s: a deployment of version 0 in tier %s, with answers from %s", async (deployer, tier, host) => {
    const name = host.split("/")[1];
    const asked = await heard(host, `deploy.${tier}.${name}`);
    const replyTo = filled(`deploy.responses.<${deployer.split("/")[1]}>.1`);
    const answers = await heard(deployer, replyTo);
    const request = JSON.stringify({ action: "switch", revision: "main", reply_to: replyTo });
    await as(deployer).publish(`deploy.${tier}.${name}`, request);
    await expect.poll(asked.texts).toEqual([request]);
    await as(host).publish(replyTo, "accepted");
    await expect.poll(answers.texts).toEqual(["accepted"]);
    asked.end();
    answers.end();
  });

  it.each([
    [prod, web01],
    [alice, web01],
    [alice, web03],
    [desk, web03],
  ])("%s: a request of version 1 with several replies from %s", async (deployer, host) => {
    const subject = `homelab.v1.${host === web03 ? "test" : "prod"}.${host.split("/")[1]}.inspect`;
    const asked = await heard(host, subject);
    const inbox = createInbox(as(deployer).inboxPrefix);
    const replies = await heard(deployer, inbox);
    await as(deployer).publish(subject, "", { reply: inbox });
    await expect.poll(() => asked.messages.length).toBe(1);
    for (const text of ["1", "2", "3"]) await as(host).publish(asked.messages[0]?.reply ?? "", text);
    await expect.poll(replies.texts).toEqual(["1", "2", "3"]);
    asked.end();
    replies.end();
  });

  it.each([
    [alice, [web01, web02, web03]],
    [prod, [web01, web02]],
    [desk, [web03]],
  ])("%s: discovery of the hosts that it may deploy to", async (deployer, hosts) => {
    const asked = await Promise.all([web01, web02, web03].map((host) => heard(host, "deploy.discover")));
    await as(deployer).publish("deploy.discover", "{}");
    const reached = () => [web01, web02, web03].filter((_host, index) => asked[index]?.messages.length);
    await expect.poll(reached).toEqual(hosts);
    for (const each of asked) each.end();
  });

  it("closures: a deployer stores them, hosts of its tier read them", async () => {
    const stores = [prod, web01, web03].map((user) => new ObjectStore(as(user), "homelab-closures"));
    const [written, read, other] = stores as [ObjectStore, ObjectStore, ObjectStore];
    expect(await written.ensure()).toBe(7 * 24 * 3_600_000);
    for (const part of ["first", "second"]) await written.put("x.narinfo", [Buffer.from(part)]);
    const found = await read.info("x.narinfo");
    if (found === undefined) throw new Error("it is not there");
    expect(await text(read.read(found))).toBe("second");
    expect(await other.info("x.narinfo")).toBeUndefined();
    await expect(read.put("y.narinfo", [Buffer.from("x")])).rejects.toThrow();
  });

  it("wanted toplevels: a deployer records one, its host alone is told and can ask", async () => {
    const told = await heard(web01, "$KV.homelab-wanted.prod.web01");
    const wanted = await as(prod).connection.jetstream().views.kv("homelab-wanted", { bindOnly: true });
    await wanted.put("prod.web01", "/nix/store/x");
    await expect.poll(told.texts).toEqual(["/nix/store/x"]);
    const subject = "$JS.API.DIRECT.GET.KV_homelab-wanted.$KV.homelab-wanted.prod.web01";
    expect((await as(web01).connection.request(subject)).string()).toBe("/nix/store/x");
    told.end();
  });

  it("events: a host tells its own, which are kept, heard by its tier and by admins, and cannot be removed", async () => {
    const [inTier, byAdmin, inOther] = await Promise.all([
      heard(prod, "homelab.v1.prod.*.events.>"),
      heard(alice, "homelab.v1.*.*.events.>"),
      heard(test, "homelab.v1.test.*.events.>"),
    ]);
    await as(web01).publish("homelab.v1.prod.web01.events.12345678", "begun");
    await expect.poll(() => [...inTier.texts(), ...byAdmin.texts()]).toEqual(["begun", "begun"]);
    const manager = await as(prod).connection.jetstreamManager();
    const kept = await manager.streams.getMessage("homelab-events", {
      last_by_subj: "homelab.v1.prod.web01.events.12345678",
    });
    expect(kept.string()).toBe("begun");
    const asAdmin = await as(alice).connection.jetstreamManager({
      apiPrefix: "JS.prod.API",
      checkAPI: false,
    });
    await expect(asAdmin.streams.purge("homelab-events")).rejects.toThrow("purge not permitted");
    await expect(asAdmin.streams.deleteMessage("homelab-events", 1)).rejects.toThrow("delete not permitted");
    expect(inOther.messages).toEqual([]);
    for (const each of [inTier, byAdmin, inOther]) each.end();
  });
});

describe("a message cannot be had sent by somebody else:", () => {
  const begin = "homelab.v1.prod.web01.begin";
  const all = ["deploy.discover", "deploy.prod.*", "homelab.v1.prod.web01.*", "$SRV.>", "_INBOX_<web01>.>"];
  const subscriptions = all.flatMap((subject) =>
    subject === "deploy.prod.*" ? ["deploy.prod.web01", "deploy.prod.all"] : [subject],
  );

  // Everything that reaches web01, to the last message, which does reach it.
  async function reaching(attack: () => Promise<unknown>): Promise<string[]> {
    const asked = await heard(web01, ...subscriptions);
    await attack();
    await as(prod).publish(begin, "the end");
    await expect.poll(asked.texts).toContain("the end");
    asked.end();
    return asked.texts().filter((text) => text !== "the end");
  }

  it("a host of tier test that is asked with a host of tier prod as the place for answers", async () => {
    const asked = await heard(web03, "homelab.v1.test.web03.begin");
    const stolen = await reaching(async () => {
      await as(test).publish("homelab.v1.test.web03.begin", "", { reply: begin });
      await expect.poll(() => asked.messages[0]?.reply).toBe(begin);
      // Its tier knows no such host, so it goes nowhere.
      await as(web03).publish(begin, "stolen");
    });
    expect(stolen).toEqual([]);
    asked.end();
  });

  it("a host that names another one as the place for answers to its own events", async () => {
    const own = "homelab.v1.prod.web02.events.12345678";
    // The server lets it subscribe to the second, and then hands it nothing of what it may not hear.
    const mine = ["homelab.v1.prod.web02.*", "homelab.v1.prod.web02.>", "$SRV.>", "_INBOX_<web02>.>"];
    const listening = await heard(web02, ...mine);
    await as(web02).publish(own, "", { reply: begin });
    await as(web02).publish("deploy.responses.x", "", { reply: begin });
    expect(await tried(web02, "publish", begin)).toBe("refused");
    expect(listening.messages).toEqual([]);
    listening.end();
  });

  it("JetStream of tier test, with what is stored there for a message", async () => {
    const { connection } = as(test);
    const store = await connection.jetstream().views.os("homelab-closures");
    const manager = await connection.jetstreamManager();
    const stolen = await reaching(async () => {
      const { nuid } = await store.putBlob({ name: "attack" }, new TextEncoder().encode('{"id":"1"}'));
      const subject = `$O.homelab-closures.C.${nuid}`;
      for (const target of [begin, "deploy.prod.web01", filled("_INBOX_<web01>.x")]) {
        await manager.consumers.add("OBJ_homelab-closures", {
          deliver_subject: target,
          filter_subject: subject,
          name: `push${target.length}`,
        });
        const query = JSON.stringify({ last_by_subj: subject });
        await as(test).publish("$JS.API.DIRECT.GET.OBJ_homelab-closures", query, { reply: target });
        await as(test).publish("$JS.API.STREAM.MSG.GET.OBJ_homelab-closures", query, { reply: target });
        await as(test).publish("$SRV.PING", "", { reply: target });
        await as(test).publish("deploy.discover", JSON.stringify({ reply_to: target }), { reply: target });
      }
    });
    expect(stolen).toEqual([]);
  });

  it("an admin's discovery, answered with an attack", async () => {
    const asked = await heard(web03, "deploy.discover");
    await as(alice).publish("deploy.discover", "{}", { reply: createInbox(as(alice).inboxPrefix) });
    await expect.poll(() => asked.messages.length).toBe(1);
    const stolen = await reaching(async () => {
      await as(web03).publish(asked.messages[0]?.reply ?? "", "stolen", { reply: begin });
      await as(web03).publish(filled("deploy.responses.<alice>.1"), "stolen", { reply: begin });
    });
    expect(stolen).toEqual([]);
    asked.end();
  });
});
