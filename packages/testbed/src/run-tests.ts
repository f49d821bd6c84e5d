// Runs all tests: `vitest run` with the given arguments, then one closing line that says what came of them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { sweepTestbeds } from "./index.ts";
import { checkout } from "./setup/places.ts";

const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

if (process.env.HOMELAB_TEST_HOSTS !== "1")
  console.error("tests that need hosts are skipped: they need root");
const directory = await mkdtemp(join(tmpdir(), "homelab-deploy-report-"));
try {
  const report = join(directory, "report.json");
  process.exitCode = await vitest(report);
  console.log(await closingLine(report));
} finally {
  await rm(directory, { recursive: true, force: true });
  await sweepTestbeds();
}

async function vitest(report: string): Promise<number> {
  const program = join(checkout, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [program, "run", ...reporters, ...process.argv.slice(2)], {
    cwd: checkout,
    stdio: "inherit",
    env: { ...process.env, HOMELAB_TESTBED_OWNER: String(process.pid) },
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // A terminal sends Ctrl-C to the whole process group: vitest has had it already.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return status ?? 128 + (signal ? constants.signals[signal] : 0);
}

async function closingLine(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return "0 passed, 1 failed";
  const report = Report.parse(JSON.parse(text));
  // A file that cannot be loaded has no tests that could fail.
  const broken = report.testResults.filter(
    (result) => result.status === "failed" && result.assertionResults.length === 0,
  );
  const skipped = report.numPendingTests + report.numTodoTests;
  return [
    `${report.numPassedTests} passed`,
    `${report.numFailedTests + broken.length} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(", ");
}
