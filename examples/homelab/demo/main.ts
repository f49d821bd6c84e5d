import { sweepTestbeds } from "@homelab-deploy/testbed";
import { Stage } from "./stage.ts";
import { Story } from "./story.ts";

// The whole path through the product on four real hosts. Every chapter checks what it shows.
const story = new Story();
await sweepTestbeds();
const stage = await story.chapter("Four hosts, each with its own systemd, sshd and Nix store", () =>
  Stage.open(["web01", "dns01", "web-test", "nas-test"], story),
);
let leaving: Promise<void> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void leave(130));
await tell().then(
  () => leave(0),
  (error: Error) => {
    console.error(`\n✗ ${error.message}`);
    return leave(1);
  },
);

async function leave(status: number): Promise<never> {
  leaving ??= stage[Symbol.asyncDispose]();
  await leaving;
  process.exit(status);
}

async function tell(): Promise<void> {
  await story.chapter("Stack prod: the plan names the hosts, and nothing is built", async () => {
    const preview = await stage.preview("prod");
    story.check("both hosts of the tier are created, and nothing else", stage.planned(preview, "create"), [
      "dns01",
      "web01",
    ]);
  });

  await story.chapter("pulumi up --stack prod: build, copy, activate, confirm", async () => {
    await stage.up("prod");
    story.check("generations are stack outputs", await stage.generations("prod"), { dns01: 2, web01: 2 });
    story.check("web01 serves its page", await stage.page("web01"), "Welcome to web01");
  });

  await story.chapter(
    "What fleet.nix says once is on each host: names, their copies, and the VPN",
    async () => {
      const address = await stage.resolve("dns01", "www.home.arpa");
      story.check("dns01 answers for the zone", address, [stage.address("web01")]);
      story.check("web01 does so, too", await stage.resolve("web01", "www.home.arpa"), address);
      const { exitCode } = await stage.exec("dns01", ["ping", "-c", "1", "-W", "5", "10.100.0.1"]);
      story.check("dns01 reaches web01 in the VPN", exitCode, 0);
    },
  );

  await story.chapter("Edit one host's module: the plan names exactly that host", async () => {
    await stage.edit("hosts/web01.nix", "Welcome to web01", "Welcome to web01, edited");
    const preview = await stage.preview("prod");
    story.check("one update", stage.planned(preview, "update"), ["web01"]);
    story.check("its difference is the toplevel", stage.difference(preview, "web01"), ["toplevel"]);
    await stage.up("prod");
    story.check("the new page is there", await stage.page("web01"), "Welcome to web01, edited");
    story.check("the other host was left alone", await stage.generations("prod"), { dns01: 2, web01: 3 });
  });

  await story.chapter("An unmanaged host is adopted: nas-test already runs what the flake says", async () => {
    await stage.installByHand("nas-test");
    const before = await stage.profileLinks("nas-test");
    await stage.import("test", "nas-test");
    const preview = await stage.preview("test");
    story.check("only its neighbour is to be created", stage.planned(preview, "create"), ["web-test"]);
    await stage.up("test");
    story.check("nas-test was not touched", await stage.profileLinks("nas-test"), before);
  });

  await story.chapter("Stack test: the same edit, the same plan", async () => {
    await stage.edit("hosts/web-test.nix", "where changes come first", "where changes came first");
    const preview = await stage.preview("test");
    story.check("one update", stage.planned(preview, "update"), ["web-test"]);
    await stage.up("test");
    story.check("the new page is there", await stage.page("web-test"), "web-test, where changes came first");
  });

  await story.chapter("Drift: somebody switches dns01 back by hand, and refresh finds it", async () => {
    await stage.switchBackByHand("dns01");
    await stage.refresh("prod");
    const preview = await stage.preview("prod");
    story.check("the plan leads back", stage.planned(preview, "update"), ["dns01"]);
    await stage.up("prod");
    story.check("dns01 serves its page again", await stage.page("dns01"), "dns01 knows the names");
  });

  await story.chapter("alice makes a key on web01, and may run ssh dns01 from now on", async () => {
    await stage.makeKey("web01", "alice");
    const preview = await stage.preview("prod");
    story.check("dns01 lets the new key in", stage.planned(preview, "update"), ["dns01"]);
    await stage.up("prod");
    const login = ["runuser", "-u", "alice", "--", "ssh", "-o", "BatchMode=yes", "dns01", "hostname"];
    story.check("no prompt, no warning", await stage.exec("web01", login), {
      exitCode: 0,
      stdout: "dns01",
      stderr: "",
    });
  });

  await story.chapter("A configuration that cuts web01 off is rolled back by the host itself", async () => {
    const before = await stage.generations("prod");
    await stage.edit(
      "hosts/web01.nix",
      "homelab.deploy = {",
      'networking.useDHCP = false;\n  homelab.deploy = {\n    rollback.confirmTimeout = "5s";',
    );
    await stage.up("prod", "fails");
    story.check(
      "web01 can be reached and serves its page",
      await stage.page("web01"),
      "Welcome to web01, edited",
    );
    story.check("generations are as before", await stage.generations("prod"), before);
  });
}
