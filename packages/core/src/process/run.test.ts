import { describe, expect, it } from "vitest";
import { run, start } from "./run.ts";

// A process in a session of its own, as ssh's master is, keeps the output open for 20 s.
const heldOpen = ["sh", "-c", "setsid sleep 20 & echo started; exec sleep 20"];

describe("run", () => {
  it("returns what the command wrote, line by line too", async () => {
    const lines: string[] = [];
    const onStdout = (line: string) => void lines.push(line);
    const { stdout, stderr } = await run(["sh", "-c", "cat; echo oops >&2"], { input: "a\nb\n", onStdout });
    expect({ stdout, stderr, lines }).toEqual({ stdout: "a\nb", stderr: "oops", lines: ["a", "b"] });
  });

  it.each([
    ["a status other than 0", ["sh", "-c", "echo no >&2; exit 3"], { exitCode: 3, stderr: "no" }],
    ["a program that is not there", ["no-such-program"], { missing: true, exitCode: undefined }],
    ["a signal", ["sh", "-c", "kill -KILL $$"], { exitCode: undefined }],
  ])("throws CommandError for %s", async (_title, argv, error) =>
    expect(run(argv)).rejects.toMatchObject({ name: "CommandError", ...error }),
  );

  it("ends a command at its time limit, whoever holds its output open", async () => {
    const start = performance.now();
    await expect(run(heldOpen, { timeout: 500 })).rejects.toMatchObject({
      timedOut: true,
      stdout: "started",
    });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it("ends an aborted command, whoever holds its output open, and throws the abort's reason", async () => {
    const start = performance.now();
    const reason = new Error("enough");
    const controller = new AbortController();
    const onStdout = () => controller.abort(reason);
    await expect(run(heldOpen, { signal: controller.signal, onStdout })).rejects.toBe(reason);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe("start", () => {
  it("writes to a command while it runs, and learns that it has ended", async () => {
    const { stdout } = await start(["sh", "-c", "read -r a; echo $a; read -r b; echo $b; cat"], {
      onStdin: (stdin) => {
        stdin.write("one\n");
        setTimeout(() => stdin.end("two\n"), 100);
      },
    });
    expect(stdout).toBe("one\ntwo");
  });

  it("bears a command that does not read what is written to it", async () => {
    const onStdin = (stdin: { write(text: string): unknown }) => {
      stdin.write("x".repeat(2 ** 20));
      setTimeout(() => stdin.write("y"), 100);
    };
    await expect(start(["sh", "-c", "exit 3"], { onStdin })).rejects.toMatchObject({ exitCode: 3 });
  });
});
