import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "homelab-keys-test-"));
const main = join(import.meta.dirname, "../src/main.ts");
const file = (name: string) => join(directory, name);

function run(...args: string[]) {
  const argv = ["--conditions=@homelab-deploy/source", main, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", cwd: directory });
  return { status, stdout, stderr };
}

const nix = (args: string[], input = "") => {
  const argv = ["--extra-experimental-features", "nix-command", ...args];
  const { status, stdout } = spawnSync("nix", argv, { encoding: "utf8", input });
  return status === 0 ? stdout.trim() : `status ${status}`;
};

describe("homelab-deploy keys", () => {
  afterAll(() => rmSync(directory, { recursive: true }));

  it("generate: makes a key that Nix signs with, for this user only, and prints its public half alone", () => {
    const { status, stdout, stderr } = run("keys", "generate", "--name", "lab-1", "--out", file("a/key"));
    const secret = readFileSync(file("a/key"), "utf8");
    const publicKey = nix(["key", "convert-secret-to-public"], secret);
    expect(publicKey).toMatch(/^lab-1:[A-Za-z0-9+/]{43}=$/);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${publicKey}\nhomelab.users.deploy.trustedKeys = [ "${publicKey}" ];\n`,
    });
    expect(stderr).toContain(file("a/key"));
    expect(stdout + stderr).not.toContain(secret.trim().slice("lab-1:".length));
    expect([statSync(file("a/key")).mode & 0o777, statSync(file("a")).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(file("a"))).toEqual(["key"]);
  });

  it("generate: never replaces a file, unless it is told to", () => {
    run("keys", "generate", "--out", file("kept"));
    const before = readFileSync(file("kept"), "utf8");
    const { status, stdout, stderr } = run("keys", "generate", "--out", file("kept"));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/kept is there already.*\nHint: .*--force/);
    expect(readFileSync(file("kept"), "utf8")).toBe(before);
    expect(run("keys", "generate", "--out", file("kept"), "--force").status).toBe(0);
    expect(readFileSync(file("kept"), "utf8")).not.toBe(before);
    expect(statSync(file("kept")).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.startsWith("kept"))).toEqual(["kept"]);
  });

  it("public: prints the public key, as text and as JSON", () => {
    const made = JSON.parse(run("--json", "keys", "generate", "--out", file("public")).stdout);
    expect(made).toEqual({ name: "homelab-1", publicKey: expect.any(String), file: file("public") });
    expect(run("keys", "public", file("public"))).toEqual({
      status: 0,
      stdout: `${made.publicKey}\n`,
      stderr: "",
    });
    const { stdout } = run("keys", "public", file("public"), "--json");
    expect(JSON.parse(stdout)).toEqual({ name: "homelab-1", publicKey: made.publicKey });
  });

  it("rotate: makes the next key and keeps the old one, in an order that no host refuses", () => {
    const old = JSON.parse(run("keys", "generate", "--out", file("rotated"), "--json").stdout);
    const { status, stdout } = run("keys", "rotate", file("rotated"));
    const publicKeys = ["rotated.homelab-1", "rotated"].map((name) =>
      nix(["key", "convert-secret-to-public"], readFileSync(file(name), "utf8")),
    );
    expect(status).toBe(0);
    expect(publicKeys).toEqual([old.publicKey, expect.stringMatching(/^homelab-2:/)]);
    const [, , , ...steps] = stdout.split("\n");
    expect(stdout.split("\n").slice(0, 2)).toEqual(publicKeys);
    expect(steps[0]).toContain(`[ "${publicKeys[0]}" "${publicKeys[1]}" ]`);
    expect(steps[1]).toContain("old key");
    expect(steps[3]).toContain(`[ "${publicKeys[1]}" ]`);
    expect(statSync(file("rotated")).mode & 0o777).toBe(0o600);
    const again = JSON.parse(run("keys", "rotate", file("rotated"), "--json").stdout);
    expect([again.old.name, again.new.name, again.steps.length]).toEqual(["homelab-2", "homelab-3", 5]);
  });

  it("rotate: leaves the key alone when the name for the old one is taken", () => {
    run("keys", "generate", "--out", file("taken"));
    const before = readFileSync(file("taken"), "utf8");
    writeFileSync(file("taken.homelab-1"), "precious");
    expect(run("keys", "rotate", file("taken")).status).toBe(2);
    expect([readFileSync(file("taken"), "utf8"), readFileSync(file("taken.homelab-1"), "utf8")]).toEqual([
      before,
      "precious",
    ]);
  });

  it.each([
    ["a file that is not there", ["public", "missing"], /missing: there is no such file/],
    ["a file that holds no key", ["public", main], /not a secret signing key/],
    ["a name that is a flag", ["generate", "--name", "--x", "--out", "x"], /not a name for a key: "--x"/],
    ["a name that is a path", ["generate", "--name", "../x", "--out", "x"], /not a name for a key/],
    ["a command that does not exist", ["destroy"], /unknown command/],
    ["a file too few", ["rotate"], /missing required argument/],
  ])("refuses %s in a sentence, with status 2", (_title, args, reason) => {
    const { status, stdout, stderr } = run("keys", ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
    if (args[1] === undefined) return;
    const { error } = JSON.parse(run("--json", "keys", ...args).stdout);
    expect(error).toMatchObject({ code: "invalid-input", message: expect.stringMatching(reason) });
  });

  it("tells its exit statuses", () => {
    const { status, stdout } = run("--help");
    expect(status).toBe(0);
    expect(stdout).toContain("Exit status:");
  });
});
