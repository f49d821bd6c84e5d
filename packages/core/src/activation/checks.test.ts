import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const part = (name: string) => readFileSync(join(import.meta.dirname, `guard/${name}.sh`), "utf8");
const functions = ["supervise", "checks", "journal", "commands", "words"].map(part).join("\n");

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "checks-test-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs `lines` with the guard's functions in `shell`, on a deployment that has `checks`. */
function guard(shell: readonly string[], lines: string, checks: readonly string[] = []): string {
  const place = mkdtempSync(join(directory, "guard-"));
  for (const name of ["state/test-id", "run/test-id"]) mkdirSync(join(place, name), { recursive: true });
  writeFileSync(join(place, "state/test-id/checks"), checks.map((check) => `${check}\n`).join(""));
  const settings = `set -u; export LC_ALL=C; STATE=${place}/state RUN=${place}/run id=test-id`;
  const [file = "", ...args] = shell;
  const input = `${settings}\n${functions}\n${lines}\n`;
  return execFileSync(file, args, { input, encoding: "utf8" });
}

// What /bin/sh is on Debian, and on NixOS.
describe.each([[["dash"]], [["bash", "--posix"]]])("checks in %j", (shell) => {
  it("hold or fail, and leave whole events", () => {
    const checks = [
      "good command 0 1 5 0 true",
      "bad command 0 1 5 0 echo 'a \"quoted\" word'; echo second; exit 3",
      "slow command 0 1 1 0 sleep 30",
      "again command 0 1 5 2 test -e $0.again || { touch $0.again; false; }".replaceAll(
        "$0",
        join(directory, shell[0] ?? ""),
      ),
      "disk disk 0 1 5 0 1 /",
      "full disk 0 1 5 0 999999999999999999 /",
      "shut tcp 0 1 5 0 1",
      ...Array.from({ length: 20 }, (_, index) => `many-${index} command 0 1 5 0 seq 100000; exit 1`),
    ];
    const end = 'run_checks && echo healthy; printf "%s\\n" "$problem"; echo ==; cat "$STATE/$id/events"';
    const [problem = "", events = ""] = guard(shell, end, checks).split("==\n");
    expect(problem).toContain(
      'health check bad: exit status 3: a "quoted" word\nsecond; health check slow: it did not end within 1 s; ',
    );
    expect(problem).toMatch(
      /health check full: \d+ MiB free in \/, and 953674316406 MiB are wanted; health check shut: nothing listens on port 1; /,
    );
    expect(problem).not.toMatch(/healthy|check good|check again|check disk/);
    const told = events
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(told.filter(({ name }) => name === "again")).toMatchObject([
      { type: "check", state: "waiting", attempt: 1 },
      { type: "check", state: "passed", attempt: 2, message: "" },
    ]);
    expect(told).toHaveLength(checks.length + 1);
    expect(told.filter(({ name, state }) => name.startsWith("many-") && state === "failed")).toHaveLength(20);
  }, 60_000);

  it("fail when the deployment is called off, even if they hold", () => {
    const end = '(sleep 1; ln -s aborted "$RUN/$id/decision") & run_checks || echo "$problem"';
    expect(guard(shell, end, ["long command 2 1 3 0 true"])).toContain("called off");
  }, 60_000);

  it("are all well when there are none", () =>
    expect(guard(shell, "run_checks && echo healthy")).toBe("healthy\n"));

  it.each([
    ["x tcp 0 2 10 5 443", true],
    ["x systemd 0 2 10 5 a.service dev-disk-by\\x2dlabel-x.device", true],
    ["x disk 0 2 10 5 0 /with space/ü", true],
    ["x command 0 2 10 5 a | b=c; 'd' $(e)", true],
    ["x command 0 2 10 5 a ", true],
    ["x tcp 0 2 10 5 22; id", false],
    ["x tcp 0 2 10 5 0", false],
    ["x tcp 0 2 10 5 65536", false],
    ["x tcp 00 2 10 5 22", false],
    ["x tcp 0 2 0 5 22", false],
    ["x tcp 0 2 9999999 5 22", false],
    ["x tcp 0 2 10 -5 22", false],
    ["x systemd 0 2 10 5 --host=a", false],
    ["x systemd 0 2 10 5 a.service -M", false],
    ["x systemd 0 2 10 5 $(id).service", false],
    ["x disk 0 2 10 5 1 etc", false],
    ["x disk 0 2 10 5 08 /", false],
    ["x http 0 2 10 5 http://a/", false],
    ["x command 0 2 10 5", false],
    ["x command 0 2 10 5 ", false],
    ["a/b command 0 2 10 5 true", false],
    [" command 0 2 10 5 true", false],
    ["", false],
  ])("%j is a check: %s", (line, expected) =>
    expect(guard(shell, `is_check '${line.replaceAll("'", "'\\''")}' && echo yes; true`)).toBe(
      expected ? "yes\n" : "",
    ),
  );
});
