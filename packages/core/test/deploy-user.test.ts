import { writeFile } from "node:fs/promises";
import { noHosts } from "@homelab-deploy/testbed";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { installed, marker, run, Site } from "./deploy-user/site.ts";
import { throughForward, withAgent } from "./deploy-user/tunnels.ts";

const refusal = '{"error":{"code":"refused","message":"this key may deploy, and run nothing else"}}';
const touch = `touch ${marker}`;

let site: Site;
let before: string;

describe.skipIf(noHosts)("whoever holds the deploy user's key alone", () => {
  beforeAll(async () => {
    site = await Site.create();
  });
  afterAll(() => site?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    before = await site.traces();
  });
  afterEach(async () => expect(await site.traces()).toBe(before));

  describe("runs", () => {
    it.each([
      ["no shell", [], undefined],
      ["no shell on a terminal", ["-tt"], undefined],
      ["no interactive shell", ["-tt"], "bash -i"],
      ["no shell by its path", [], "/bin/sh"],
      ["no command", [], touch],
      ["nothing as root", [], `sudo -n ${touch}`],
      ["no program that is allowed, by its path", [], "/usr/bin/cat"],
      ["no program that is allowed, with an argument", [], "cat /etc/passwd"],
      ["nothing after a semicolon", [], `cat;${touch}`],
      ["nothing after a newline", [], `cat\n${touch}`],
      ["nothing before a newline", [], `${touch}\ncat`],
      ["nothing after a carriage return", [], `cat\r${touch}`],
      ["nothing after a pipe", [], `cat | ${touch}`],
      ["nothing in the background", [], `cat & ${touch}`],
      ["nothing in a substitution", [], `cat $(${touch})`],
      ["nothing in backquotes", [], `cat \`${touch}\``],
      ["nothing in quotes", [], `"sh" -c '${touch}'`],
      ["no redirection", [], `cat >${marker}`],
      ["no assignment", [], `PATH=/tmp ${touch}`],
      ["no Nix but the daemon", [], "nix-store --realise /nix/store"],
      ["no daemon that would process as it likes", [], "nix-daemon --stdio --process-ops"],
      ["no daemon with other settings", [], "nix-daemon --stdio --option require-sigs false"],
      ["no daemon with more than a space between its words", [], "nix-daemon  --stdio"],
      ["no scp server", [], `scp -t ${marker}`],
      ["no sftp server", ["-s"], "sftp"],
      ["no rsync server", [], "rsync --server . /tmp"],
      ["no git server", [], "git-upload-pack /root"],
    ])("%s", async (_title, options, command) => {
      const answer = await site.ssh(options, command);
      expect(answer.exitCode).not.toBe(0);
      expect(answer.text).toContain(options.includes("-tt") ? "PTY allocation request failed" : refusal);
      expect(answer.text).not.toMatch(/uid=|root:/);
    });

    it("cat, which holds a connection open and reads no file", async () =>
      expect(await site.ssh([], "cat", { input: "echo\n" })).toMatchObject({ exitCode: 0, text: "echo\n" }));

    it("no scp and no sftp, in either of their protocols", async () => {
      const file = site.key("file");
      await writeFile(file, "x");
      const batch = site.key("batch");
      await writeFile(batch, `put ${file} ${marker}\n`);
      const login = site.login;
      for (const argv of [
        ["scp", "-O", ...site.options(), file, `${login}:${marker}`],
        ["scp", "-s", ...site.options(), file, `${login}:${marker}`],
        ["scp", "-O", ...site.options(), `${login}:/etc/shadow`, site.key("stolen")],
        ["scp", "-s", ...site.options(), `${login}:/etc/passwd`, site.key("stolen")],
        ["sftp", ...site.options(), "-b", batch, login],
      ]) {
        expect((await run(argv)).exitCode).not.toBe(0);
      }
      await expect(run(["test", "-e", site.key("stolen")])).resolves.toMatchObject({ exitCode: 1 });
    });
  });

  describe("gets", () => {
    const web = {
      address: "127.0.0.1",
      port: 8080,
      asks: "GET / HTTP/1.0\r\n\r\n",
      secret: "for this host alone",
    };
    const daemon = { path: "/nix/var/nix/daemon-socket/socket", asks: "cxin\0\0\0\0", secret: "oixd" };

    // As root the same way leads through: it is the key that closes it.
    it.each(["-W", "-L", "-D"] as const)("no way to a service of the host's own by %s", async (flag) => {
      expect(await throughForward(site, flag, web, "root")).toContain(web.secret);
      expect(await throughForward(site, flag, web, "deploy")).not.toContain(web.secret);
    });
    it("no way to a socket of the host's own", async () => {
      expect(await throughForward(site, "-L", daemon, "root")).toContain(daemon.secret);
      expect(await throughForward(site, "-L", daemon, "deploy")).not.toContain(daemon.secret);
    });
    it.each([
      ["port", "0:127.0.0.1:1"],
      ["port by SOCKS", "0"],
      ["socket", `${marker}.socket:127.0.0.1:1`],
    ])("no %s on the host that leads elsewhere", async (_title, forward) => {
      const answer = await site.ssh(["-o", "ExitOnForwardFailure=yes", "-R", forward], "cat");
      expect(answer).toMatchObject({ exitCode: 255, text: expect.stringContaining("forwarding failed") });
    });
    it("no network device", async () => {
      const answer = await site.ssh(["-o", "ExitOnForwardFailure=yes", "-w", "0:0"], "cat");
      expect(answer.text).toMatch(/[Tt]unnel (device open|forwarding) failed|administratively prohibited/);
    });
    it("no terminal", async () =>
      expect((await site.ssh(["-tt"], "cat")).text).toContain("PTY allocation request failed"));
    it("no agent on the host", async () => {
      expect(await withAgent(site, "root")).toMatch(/agent/);
      expect(await withAgent(site, "deploy")).toBe("");
    });
    it("no X11 on the host", async () => {
      const options = ["-v", "-o", "ForwardX11=yes", "-o", "ForwardX11Trusted=yes"];
      const answer = await site.ssh(options, "cat", { env: { DISPLAY: ":9" } });
      expect(answer.text).toMatch(/X11 forwarding (request failed|disabled)|No xauth/);
      expect(await site.onHost("sh", "-c", "ss -ltn | grep -c :60 || true")).toBe("0");
    });
  });

  describe("passes no environment on", () => {
    // Programs of the attacker's own, in the host's store, where anybody may put them.
    const evil = async () => {
      const directory = site.key("evil");
      const words = ["cat", "env", "sh", "sudo", "nix-daemon", "nix", "sed", "grep", "printf", "id", "rc"];
      const script = `#!/bin/sh\n${touch}\n`;
      await run(["mkdir", "-p", directory]);
      for (const word of words) await writeFile(`${directory}/${word}`, script, { mode: 0o755 });
      const path = (await run(["nix-store", "--add", directory])).text.trim();
      expect(await site.nix(["copy", "--to", "$store", path])).toMatchObject({ exitCode: 0 });
      return path;
    };
    it.each([
      ["PATH", (path: string) => `PATH=${path}:/usr/bin`],
      ["BASH_ENV", (path: string) => `BASH_ENV=${path}/rc`],
      ["ENV", (path: string) => `ENV=${path}/rc`],
      ["HOME", (path: string) => `HOME=${path}`],
      ["IFS", () => "IFS=/"],
      ["LD_PRELOAD", (path: string) => `LD_PRELOAD=${path}/rc`],
      ["LD_LIBRARY_PATH", (path: string) => `LD_LIBRARY_PATH=${path}`],
      ["a function of bash", () => `BASH_FUNC_sudo%%=() { ${touch}; }`],
      ["keys of its own", () => "HOMELAB_RESTRICTED_KEYS="],
      ["settings of Nix", () => "NIX_CONFIG=require-sigs = false"],
      ["a command beside the one that was sent", () => `SSH_ORIGINAL_COMMAND=${touch}`],
    ])("%s", async (_title, variable) => {
      const set = ["-o", `SetEnv="${variable(await evil())}"`];
      expect(await site.ssh(set, "cat")).toMatchObject({ exitCode: 0, text: "\n" });
      expect((await site.ssh(set, touch)).text).toContain(refusal);
      expect((await site.ssh(set)).text).toContain(refusal);
      const inspected = await site.ssh(set, `sudo -n -- ${installed} inspect`);
      expect(inspected.text).toContain('"guard":1');
      expect(inspected.text).not.toContain("cannot be preloaded");
      const unsigned = site.request(site.systems.two as string);
      expect((await site.ssh(set, `sudo -n -- ${installed} begin`, { input: unsigned })).text).toContain(
        '"error"',
      );
    });
  });

  it("passes nothing on to the guard even where sudo would", async () => {
    const call = `echo ${site.systems.one} | NIX_REMOTE=unix:///nowhere NIX_CONFIG=x ${installed} missing`;
    expect(await site.onHost("sh", "-c", `${call} && echo done`)).toBe("done");
  });

  describe("has the guard do", () => {
    it.each([
      ["no flag", "--help"],
      ["no flag for sudo", "-u"],
      ["no verb of the supervisor's", "supervise 00000000-0000"],
      ["no verb of recovery's", "recover 00000000-0000"],
      ["no verb of a restart's", "resume 00000000-0000"],
      ["no gate within the gate", "gate"],
      ["no store that it did not ask for", "store"],
      ["no verb that is a path", "/bin/sh"],
      ["no verb that is a part of another", "inspec"],
      ["no verb that is a pattern", "inspec?"],
      ["no words after a verb that takes none", "inspect x"],
      ["no flag as an argument", "follow -x"],
      ["no path as an argument", "follow ../../../etc/shadow"],
      ["no absolute path as an argument", "follow /etc/shadow"],
      ["no hidden path as an argument", "abort .."],
      ["no pattern as an argument", "follow ?"],
      ["no command as an argument", `follow ;${touch}`],
      ["no substitution as an argument", `follow $(${touch})`],
      ["no newline as an argument", `follow x\n${touch}`],
      ["no tab as an argument", "follow\tx"],
      ["no empty argument", "follow "],
      ["no quoted argument", "follow 'x'"],
      ["no comparison with a file", "compare /etc/shadow"],
      ["no comparison with a path that leaves the store", "compare /nix/store/../../etc/shadow"],
      ["no comparison with a flag", "compare --expr"],
      [
        "no comparison with whatever a pattern finds",
        `compare /nix/store/${"?".repeat(32)}-nixos-system-nixos-25.05.testbed`,
      ],
      ["no long history of arguments", "history 1 2 3"],
    ])("%s", async (_title, words) => {
      const answer = await site.guard(words);
      expect(answer).toMatchObject({ exitCode: 1, text: expect.stringContaining(refusal) });
      expect(answer.text).not.toContain("root:");
    });
    it.each([
      ["other words before", `sudo -n ${installed} inspect`],
      ["another user", `sudo -n -u nobody -- ${installed} inspect`],
      ["the environment", `sudo -n -E -- ${installed} inspect`],
      ["an editor", "sudo -n -e -- /etc/shadow"],
      ["another program of the same name", "sudo -n -- /tmp/homelab-activate inspect"],
      ["another path to it", "sudo -n -- /run/current-system/sw/bin/../bin/homelab-activate inspect"],
    ])("nothing with %s", async (_title, command) =>
      expect((await site.ssh([], command)).text).toContain(refusal),
    );
    it("no listing of paths that are none", async () => {
      const paths = ["/etc/shadow", "--help", "/nix/store/..", `$(${touch})`];
      for (const path of paths) {
        const answer = await site.guard("missing", { input: `${site.systems.one}\n${path}\n` });
        expect(answer).toMatchObject({ exitCode: 1, text: expect.stringContaining("not a store path") });
      }
    });
  });

  // What holds even for somebody who got past the gate: a shell of this user on the host.
  describe("gets from sudo, even behind the gate,", () => {
    const asDeploy = (...argv: string[]) =>
      site.bed.exec("web01", ["/usr/sbin/runuser", "-u", "deploy", "--", "env", "-C", "/", ...argv]);
    it.each([
      ["nothing as root", ["sudo", "-n", "id"]],
      ["nothing as somebody else", ["sudo", "-n", "-u", "nobody", "id"]],
      ["no guard as somebody else", ["sudo", "-n", "-u", "nobody", installed, "inspect"]],
      ["no guard with another group", ["sudo", "-n", "-g", "shadow", installed, "inspect"]],
      ["no editor", ["sudo", "-n", "-e", "/etc/shadow"]],
      ["no shell", ["sudo", "-n", "-s"]],
      ["no login", ["sudo", "-n", "-i"]],
      ["no other directory", ["sudo", "-n", "-D", "/root", installed, "inspect"]],
      ["no variable", ["sudo", "-n", "HOMELAB_RESTRICTED_KEYS=", installed, "inspect"]],
      ["no environment", ["sudo", "-n", "-E", installed, "inspect"]],
      ["no variable by name", ["sudo", "-n", "--preserve-env=HOMELAB_RESTRICTED_KEYS", installed, "inspect"]],
      ["no other program", ["sudo", "-n", "/run/current-system/sw/bin/nix-env", "--version"]],
      ["no supervisor", ["sudo", "-n", installed, "supervise", "00000000-0000"]],
      ["no recovery", ["sudo", "-n", installed, "recover", "00000000-0000"]],
    ])("%s", async (_title, argv) => {
      const { exitCode, stdout, stderr } = await asDeploy("HOMELAB_RESTRICTED_KEYS=", ...argv);
      expect(exitCode).not.toBe(0);
      expect(stdout + stderr).toMatch(
        /password is required|not allowed|not permitted|may not|only the supervisor/,
      );
    });
    it("and the list of its rights names the guard alone", async () => {
      const { stdout } = await asDeploy("sudo", "-n", "-l");
      expect(stdout.split("\n").filter((line) => /^ {4}\(/.test(line))).toEqual([
        `    (root) NOPASSWD: ${installed}`,
      ]);
    });
  });
});
