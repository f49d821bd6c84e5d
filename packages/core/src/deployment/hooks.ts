import { DeployError } from "../errors.ts";
import { toMilliseconds } from "../model/duration.ts";
import { type HookContext, type HookName, type Hooks, hookEnvironment } from "../model/hooks.ts";
import { CommandError, lastLines } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import type { OnEvent } from "./events.ts";

const decisive: ReadonlySet<HookName> = new Set(["beforeCopy", "beforeActivation", "beforeReboot"]);

/**
 * Runs the hook `name`, if there is one, with `context` in its environment; its lines become events. Throws `hook-failed`
 * when a hook that comes before a step fails, so that the step is not taken; of the others a failure is a warning.
 * Aborting `signal` ends it, and the former kind throws the signal's reason.
 */
export async function runHook(
  name: HookName,
  hooks: Hooks,
  context: HookContext,
  { signal, onEvent }: { readonly signal: AbortSignal; readonly onEvent: OnEvent },
): Promise<void> {
  const command = hooks[name];
  if (command === undefined) return;
  const argv = typeof command === "string" ? ["sh", "-c", command] : command;
  const onLine = (line: string) => onEvent({ type: "output", line: `${name}: ${line}` });
  try {
    await run(argv, {
      signal,
      timeout: toMilliseconds(hooks.timeout ?? "5m"),
      env: hookEnvironment({ ...context, hook: name }),
      onStdout: onLine,
      onStderr: onLine,
    });
  } catch (error) {
    const failure = failed(name, context.host, error);
    if (decisive.has(name)) signal.throwIfAborted();
    if (decisive.has(name)) throw failure;
    onEvent({ type: "warning", message: failure.message });
  }
}

// Without the command line: it may hold what is nobody's business.
function failed(name: HookName, host: string, error: unknown): DeployError {
  const [reason, said] =
    error instanceof CommandError ? [reasonOf(error), output(error)] : ["was cancelled", ""];
  return new DeployError("hook-failed", `the hook ${name} of ${host} ${reason}${said && `:\n${said}`}`, {
    cause: error,
    ...(decisive.has(name) && { hint: "The host was left as it is. Run the hook by hand, or take it out." }),
  });
}

function reasonOf({ timedOut, missing, exitCode }: CommandError): string {
  if (timedOut) return "did not end in time";
  if (missing) return "could not be started: there is no such program";
  return exitCode === undefined ? "was ended by a signal" : `ended with exit status ${exitCode}`;
}

function output({ stdout, stderr }: CommandError): string {
  return lastLines(`${stdout}\n${stderr}`, 10).slice(-2000);
}
