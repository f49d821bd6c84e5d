import pLimit from "p-limit";
import { DeployError, explain } from "../errors.ts";
import type { StorePath } from "../model/store-path.ts";
import { copy } from "../nix/copy.ts";
import type { NixLogEvent } from "../nix/internal-json.ts";
import { closure } from "../nix/path-info.ts";
import { sign } from "../nix/sign.ts";
import type { DeploymentRequest, HostOptions } from "./request.ts";

type PushRequest = Pick<DeploymentRequest, "cache" | "signingKeyFile">;

// Of what several hosts need, the first one brings it in and the others find it there.
const turns = pLimit(1);
// A cache that once failed is left alone by this process: every host would wait for it in turn.
const failed = new Set<string>();
// Nix tells nothing while it sends a compressed path.
const stallTimeout = 10 * 60_000;

/**
 * Copies `toplevel` with all it needs to the binary cache, which the host then gets it from; does nothing without one.
 * A cache that does not take it is a warning: what the host cannot fetch is copied to it all the same.
 */
export async function pushToCache(
  toplevel: StorePath,
  { cache, signingKeyFile }: PushRequest,
  { signal, onEvent }: HostOptions,
): Promise<void> {
  if (cache === undefined) return;
  const { to, identityFile } = cache;
  await turns(async () => {
    signal.throwIfAborted();
    if (failed.has(to)) return;
    onEvent({ type: "phase", phase: "pushing" });
    try {
      if (signingKeyFile !== undefined) await signOwn(toplevel, signingKeyFile, signal);
      const sshOptions = [
        "-oBatchMode=yes",
        "-oConnectTimeout=5",
        ...(identityFile ? ["-i", identityFile] : []),
      ];
      await copy([toplevel], to, {
        signal,
        stallTimeout,
        sshOptions: sshOptions.join(" "),
        checkSignatures: false,
        onEvent: tell(onEvent),
      });
    } catch (error) {
      if (signal.aborted || !(error instanceof DeployError)) throw error;
      failed.add(to);
      onEvent({ type: "warning", message: `the cache ${to.split("?")[0]} is not used: ${explain(error)}` });
    }
  });
}

// What a cache or another builder has signed already is theirs to answer for.
async function signOwn(toplevel: StorePath, keyFile: string, signal: AbortSignal): Promise<void> {
  const own = (await closure(toplevel, signal))
    .filter(({ signatures }) => signatures.length === 0)
    .map(({ path }) => path);
  await sign([...new Set([toplevel, ...own])], keyFile, signal);
}

function tell(onEvent: HostOptions["onEvent"]): (event: NixLogEvent) => void {
  const paths = { paths: 0, totalPaths: 0 };
  return (event) => {
    if (event.type === "paths") Object.assign(paths, { paths: event.done, totalPaths: event.expected });
    if (event.type !== "bytes") return;
    onEvent({ type: "copy-progress", bytes: event.done, totalBytes: event.expected, ...paths });
  };
}
