import { noHosts } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addedSystem,
  builtinDerivation,
  builtSystem,
  fetchingDerivation,
  leakingLink,
  sign,
  systemDerivation,
} from "./deploy-user/look-alikes.ts";
import { Site } from "./deploy-user/site.ts";

const unsigned = "none of the keys in homelab.users.deploy.trustedKeys has signed it";

let site: Site;

describe.skipIf(noHosts)("a host that whoever holds a deploy key may deploy to", () => {
  beforeAll(async () => {
    site = await Site.create();
  });
  afterAll(() => site?.[Symbol.asyncDispose]());

  const copy = (path: string, ...flags: string[]) => site.nix(["copy", ...flags, "--to", "$store", path]);
  const isThere = async (path: string) =>
    (await site.bed.exec("web01", ["nix-store", "--check-validity", path])).exitCode === 0;
  // Begins a deployment that would run the system at once, and says how it was refused, or that it was not.
  async function begun(to: string): Promise<string> {
    const before = await site.traces();
    const { text } = await site.guard("begin", { input: site.request(to) });
    expect(await site.traces()).toBe(before);
    return text;
  }

  describe("takes into its store", () => {
    it("what comes from a user whom it does not trust", async () =>
      expect((await site.nix(["store", "info", "--store", "$store"])).text).toMatch(/Trusted: (0|false|no)/));
    it.each([
      ["no closure without a signature", undefined, []],
      ["no closure without a signature, whatever the sender asks", undefined, ["--no-check-sigs"]],
      ["no closure with a stranger's signature", "wrong-1", []],
      ["no closure with a signature in the name of a trusted key", "forged-1", []],
    ])("%s", async (_title, key, flags) => {
      const path = await builtSystem(site, key);
      expect((await copy(path, ...flags)).text).toContain("lacks a signature by a trusted key");
      expect(await isThere(path)).toBe(false);
    });
    it.each([
      ["nothing built from the sender's derivation", systemDerivation],
      ["nothing fetched by the sender's program", fetchingDerivation],
      ["nothing fetched by Nix itself from the host's own services", builtinDerivation],
    ])("%s", async (_title, derive) => {
      const derivation = await derive(site);
      const before = await site.traces();
      expect(await copy(derivation, "--derivation")).toMatchObject({ exitCode: 0 });
      const build = ["build", "--no-link", "--option", "max-jobs", "4", "--store", "$store"];
      const answer = await site.nix([...build, `${derivation}^out`], { timeout: 60_000 });
      expect(answer.text).toContain("nothing-is-built-for-a-deploy-user");
      expect(await site.traces()).toBe(before);
    });
    it("links to files of root's, and shows none of these files", async () => {
      const path = await leakingLink(site);
      expect(await copy(path)).toMatchObject({ exitCode: 0 });
      const shown = await site.nix(["store", "cat", "--store", "$store", `${path}/shadow`]);
      expect(shown.text).not.toContain("root:");
    });
  });

  describe("runs", () => {
    it("no system without a signature, even where its store has it", async () => {
      const path = site.systems.two as string;
      await site.put(path);
      expect(await begun(path)).toContain(unsigned);
    });
    it("no system addressed by its content, which anybody can add", async () => {
      const path = await addedSystem(site);
      expect(await copy(path)).toMatchObject({ exitCode: 0 });
      expect(await isThere(path)).toBe(true);
      expect(await begun(path)).toContain("addressed by its content");
    });
    it("no system with a stranger's signature", async () => {
      const path = await builtSystem(site, "wrong-1");
      await site.put(path);
      expect(await begun(path)).toContain(unsigned);
    });
    it("no system with a signature in the name of a trusted key", async () => {
      const path = await builtSystem(site, "forged-1");
      await site.put(path);
      expect(await begun(path)).toContain(unsigned);
    });
    it("no system that only a cache has signed, though its closures come in", async () => {
      const path = await builtSystem(site, "cache-1");
      expect(await copy(path)).toMatchObject({ exitCode: 0 });
      expect(await isThere(path)).toBe(true);
      expect(await begun(path)).toContain(unsigned);
    });
    it("no system that was built on it and has its own signature", async () => {
      await site.onHost(
        "sh",
        "-c",
        "nix-store --generate-binary-cache-key host-1 /root/host.sec /root/host.pub",
      );
      const derivation = await systemDerivation(site);
      await site.put(derivation, "--derivation");
      const path = await site.onHost("nix-store", "--realise", derivation);
      expect(path).toMatch(/^\/nix\/store\/\S+$/);
      await site.onHost("rm", "-f", "/tmp/pwned");
      expect(await site.onHost("nix", "path-info", "--json", path)).toContain('"host-1:');
      expect(await begun(path)).toContain(unsigned);
    });
    it.each([
      ["outside the store", () => "/etc"],
      ["that leaves the store", () => "/nix/store/../../etc"],
      ["that is a link to a system", () => "/nix/var/nix/profiles/system"],
      ["within a system", () => `${site.systems.one}/bin`],
      ["with a slash at its end", () => `${site.systems.one}/`],
      ["that does not exist", () => `/nix/store/${"0".repeat(32)}-nixos-system-web01`],
      ["with a command in it", () => `${site.systems.one}$(touch /tmp/pwned)`],
      ["that is a flag", () => "--help"],
    ])("no path %s", async (_title, path) =>
      expect(await begun(path())).toContain("not a NixOS system of this host's store"),
    );
  });

  it("is deployed: copied with a signature, begun, followed, confirmed, and told of no token", async () => {
    const path = site.systems.two as string;
    await sign(site, "homelab-1", path);
    await site.onHost("nix-store", "--delete", path);
    const missing = await site.guard("missing", { input: `${site.systems.one}\n${path}\n` });
    expect(missing).toMatchObject({ exitCode: 0, text: `${path}\n` });
    expect(await copy(path)).toMatchObject({ exitCode: 0 });
    const [id, token] = ["by-hand-0001", "confirm-me-0123456789"];
    const begin = await site.guard("begin", { input: site.request(path, { id, token, goal: "switch" }) });
    expect(JSON.parse(begin.stdout)).toEqual({ id, from: site.systems.one });
    await expect
      .poll(async () => (await site.guard(`confirm ${id}`, { input: `${token}\n` })).text, {
        timeout: 60_000,
      })
      .toContain('{"confirmed":true}');
    const followed = await site.guard(`follow ${id} 0`, { timeout: 60_000 });
    expect(followed.text).toContain('"outcome":"committed"');
    const inspected = await site.guard("inspect");
    expect(JSON.parse(inspected.stdout)).toMatchObject({ running: path, profile: path, bootDefault: path });
    expect(followed.text + inspected.text).not.toContain(token);
    expect(await site.onHost("cat", "/etc/marker")).toBe("two");
  });

  it("goes back to a generation that it had, without a signature", async () => {
    const id = "back-0001";
    const begin = await site.guard("begin", { input: site.request(site.systems.one as string, { id }) });
    expect(JSON.parse(begin.stdout)).toEqual({ id, from: site.systems.two });
    expect((await site.guard(`abort ${id}`)).text).toContain('{"decision":"aborted"}');
    const followed = await site.guard(`follow ${id}`, { timeout: 60_000 });
    expect(followed.text).toContain('"outcome":"rolled-back"');
  });

  describe("takes health checks, and tells by them", () => {
    const checked = (check: string, id: string) =>
      site.guard("begin", {
        input: `${site.request(site.systems.one as string, { id })}check=look ${check}\n`,
      });
    it.each([
      ["no output of a command", "command 0 0 5 0 cat /etc/shadow", "runs no commands of its deployers"],
      ["not whether root has a file", "disk 0 0 5 0 1 /root/.ssh", "mount points alone"],
      ["not whether root has a file, by a longer way", "disk 0 0 5 0 1 /../root/.ssh", "mount points alone"],
    ])("%s", async (_title, check, refusal) =>
      expect((await checked(check, "refused-check")).stdout).toContain(refusal),
    );
    it("no journal of a unit of the deployer's choice", async () => {
      const job =
        "systemd-run --wait --unit=job sh -c 'echo hunter2'; systemd-run --unit=failed sh -c 'echo hunter2; exit 1'";
      await site.onHost("sh", "-c", job);
      await checked("systemd 0 0 5 0 job.service failed.service sshd.service", "told-check-0");
      const followed = await site.guard("follow told-check-0", { timeout: 60_000 });
      expect(followed.text).toContain("job.service is inactive");
      expect(followed.text).not.toContain("hunter2");
    });
    it("the free space of a file system", async () => {
      await checked(`disk 0 0 5 0 ${10 ** 17} /`, "told-check-1");
      const followed = await site.guard("follow told-check-1", { timeout: 60_000 });
      expect(followed.text).toContain("MiB free in /");
    });
  });

  it("shows nobody but root the token of a deployment, its journal and its profiles", async () => {
    const asDeploy = (...argv: string[]) =>
      site.bed.exec("web01", ["/usr/sbin/runuser", "-u", "deploy", "--", ...argv]);
    for (const argv of [
      ["ls", "/var/lib/homelab-deploy/deployments"],
      ["ls", "/run/homelab-deploy"],
      ["cat", "/etc/shadow"],
      ["ln", "-sfn", "/tmp", "/nix/var/nix/profiles/system"],
      ["nix-env", "--profile", "/nix/var/nix/profiles/system", "--rollback"],
      ["touch", "/nix/var/nix/gcroots/x"],
      ["touch", "/nix/store/x"],
    ]) {
      const { exitCode, stdout, stderr } = await asDeploy(...argv);
      expect([argv, exitCode === 0, stdout]).toEqual([argv, false, ""]);
      expect(stderr).toMatch(/[Pp]ermission denied|not allowed|creating lock|Read-only/);
    }
  });
});
