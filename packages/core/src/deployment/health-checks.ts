import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { checkLimits, checkName, type HealthCheck, runsOnHost } from "../model/health-check.ts";
import { type HookContext, hookEnvironment } from "../model/hooks.ts";
import { CommandError, lastLines } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import type { OnEvent } from "./events.ts";

interface Options {
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
}

/**
 * Runs those of `checks` that look from the controller, side by side, until each has held or used up its attempts.
 * Returns why the host is not healthy, or undefined when all hold. Takes `checksDuration(checks)` at most; throws
 * the reason of `signal` when that is aborted.
 */
export async function runControllerChecks(
  checks: readonly HealthCheck[],
  context: HookContext,
  { signal, onEvent }: Options,
): Promise<string | undefined> {
  const own = checks.filter((check) => !runsOnHost(check));
  const failures = await Promise.all(own.map((check) => runCheck(check, context, { signal, onEvent })));
  return failures.filter((failure) => failure !== undefined).join("; ") || undefined;
}

/** How long the checks of the controller can take together, in milliseconds; 0 when there are none. */
export function checksDuration(checks: readonly HealthCheck[]): number {
  const durations = checks
    .filter((check) => !runsOnHost(check))
    .map((check) => {
      const { grace, interval, timeout, retries } = checkLimits(check);
      return grace + (retries + 1) * (timeout + settling) + retries * interval;
    });
  return Math.max(0, ...durations);
}

// What an attempt may take beyond its timeout: a command is ended politely first.
const settling = 4_000;

async function runCheck(
  check: HealthCheck,
  context: HookContext,
  { signal, onEvent }: Options,
): Promise<string | undefined> {
  const name = checkName(check);
  const { grace, interval, timeout, retries } = checkLimits(check);
  await delay(grace, undefined, { signal });
  for (let attempt = 1; ; attempt++) {
    const problem = await look(check, context, signal, timeout);
    if (problem === undefined) {
      onEvent({ type: "check", name, state: "passed", attempt, message: "" });
      return undefined;
    }
    const state = attempt > retries ? "failed" : "waiting";
    onEvent({ type: "check", name, state, attempt, message: problem });
    if (state === "failed") return `health check ${name}: ${problem}`;
    await delay(interval, undefined, { signal });
  }
}

// What is wrong, or undefined when the check holds.
async function look(
  check: HealthCheck,
  context: HookContext,
  signal: AbortSignal,
  timeout: number,
): Promise<string | undefined> {
  const limit = AbortSignal.timeout(timeout);
  const either = AbortSignal.any([signal, limit]);
  try {
    if (check.http !== undefined) return await lookAtUrl(check.http, either);
    if (check.tcp !== undefined) {
      await connectTo(check.tcp.host ?? context.address, check.tcp.port, either);
      return undefined;
    }
    const line = check.command?.run ?? "";
    await run(["sh", "-c", line], { env: hookEnvironment(context), signal, timeout });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted || (error instanceof CommandError && error.timedOut)) {
      return withOutput(`no answer within ${timeout / 1000} s`, error);
    }
    return withOutput(reasonOf(error), error);
  }
}

type HttpCheck = NonNullable<HealthCheck["http"]>;

async function lookAtUrl(
  { url, status = 200, body }: HttpCheck,
  signal: AbortSignal,
): Promise<string | undefined> {
  const response = await fetch(url, { signal, redirect: "manual", headers: { connection: "close" } });
  try {
    if (![status].flat().includes(response.status)) return `answered ${response.status}${redirect(response)}`;
    if (body === undefined || (await beginning(response)).includes(body)) return undefined;
    return `answered ${response.status} without ${JSON.stringify(body)}`;
  } finally {
    await response.body?.cancel().catch(() => {});
  }
}

function redirect(response: Response): string {
  const location = response.headers.get("location");
  return location === null ? "" : `, a redirect to ${location.slice(0, 200)}`;
}

const mebibyte = 2 ** 20;

// The first MiB of an answer, however long it is.
async function beginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined && length < mebibyte) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  reader?.releaseLock();
  return Buffer.concat(chunks).subarray(0, mebibyte).toString("utf8");
}

async function connectTo(host: string, port: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, signal });
  socket.once("connect", resolve);
  socket.once("error", reject);
  try {
    await promise;
  } finally {
    socket.destroy();
  }
}

// A connection that was tried at several addresses, and fetch, hide the reason in what is inside.
function reasonOf(error: unknown): string {
  if (error instanceof CommandError) {
    return error.exitCode === undefined ? "could not be run" : `exit status ${error.exitCode}`;
  }
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(reasonOf).join(", ");
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}

function withOutput(problem: string, error: unknown): string {
  if (!(error instanceof CommandError)) return problem;
  const said = lastLines(`${error.stdout}\n${error.stderr}`, 5).slice(-1000);
  return said === "" ? problem : `${problem}: ${said}`;
}
