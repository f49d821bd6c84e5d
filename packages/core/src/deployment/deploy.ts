import { DeployError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { parseStorePath, type StorePath } from "../model/store-path.ts";
import { addGcRoot } from "../nix/gc-root.ts";
import { bringTo } from "./bring-to.ts";
import { isDeployed } from "./plan.ts";
import { pushToCache } from "./push.ts";
import { waitsForSpan } from "./reboot.ts";
import type { DeploymentRequest, DeploymentResult, DeployOptions } from "./request.ts";
import { refuseWhileLocked, withHost } from "./with-host.ts";

/**
 * Builds, copies and activates one host under guard, and tells what it is like afterwards. Throws DeployError: with
 * `rolled-back` the host runs what it ran before; with `rollback-failed` or `outcome-unknown` look at the host.
 */
export async function deploy(request: DeploymentRequest, options: DeployOptions): Promise<DeploymentResult> {
  return withHost(request.name, request.connection, (host) => deployTo(host, request, options));
}

type HostlessRequest = Omit<DeploymentRequest, "connection" | "name"> &
  Partial<Pick<DeploymentRequest, "connection">>;

/** The same for a host that the caller opened. */
export async function deployTo(
  host: Host,
  request: HostlessRequest,
  options: DeployOptions,
): Promise<DeploymentResult> {
  const { signal, onEvent } = options;
  const { id, by, goal, connection, revision } = request;
  const toplevel = parseStorePath(request.toplevel);
  onEvent({ type: "phase", phase: "connecting" });
  const before = await host.inspect({ signal });
  if (isDeployed({ goal, toplevel, reboot: request.reboot }, before))
    return { outcome: "unchanged", status: before };
  if (isDeployed({ goal, toplevel }, before) && waitsForSpan(request, before, onEvent)) {
    return { outcome: "unchanged", status: before };
  }
  refuseWhileLocked(host.name, before);
  const fetch = (beforeCopy: () => Promise<void>) =>
    request.buildOn === "target"
      ? buildThere(host, request, beforeCopy, options)
      : buildHere(host, toplevel, request, beforeCopy, options);
  return bringTo(host, { id, by, toplevel, goal, connection, revision, before, fetch }, request, options);
}

async function buildHere(
  host: Host,
  toplevel: StorePath,
  request: Pick<DeploymentRequest, "derivation" | "gcRoot" | "cache" | "signingKeyFile">,
  beforeCopy: () => Promise<void>,
  options: DeployOptions,
): Promise<void> {
  const { signal, onEvent } = options;
  await buildForHost(toplevel, request, options);
  await beforeCopy();
  onEvent({ type: "phase", phase: "copying" });
  await host.copy(toplevel, {
    signal,
    signingKeyFile: request.signingKeyFile,
    onProgress: (progress) => onEvent({ type: "copy-progress", ...progress }),
  });
}

/** Builds the system here, keeps it, and brings it to the cache, if there is one. */
export async function buildForHost(
  toplevel: StorePath,
  request: Pick<DeploymentRequest, "derivation" | "gcRoot" | "cache" | "signingKeyFile">,
  { builder, signal, onEvent }: DeployOptions,
): Promise<void> {
  const { derivation, gcRoot } = request;
  if (derivation !== undefined) {
    onEvent({ type: "phase", phase: "building" });
    await builder.build({ derivation: parseStorePath(derivation), toplevel }, { signal, onEvent });
  }
  if (gcRoot !== undefined) await addGcRoot(gcRoot, toplevel, signal);
  await pushToCache(toplevel, request, { signal, onEvent });
}

async function buildThere(
  host: Host,
  { derivation }: Pick<DeploymentRequest, "derivation">,
  beforeCopy: () => Promise<void>,
  { signal, onEvent }: Omit<DeployOptions, "builder">,
): Promise<void> {
  if (derivation === undefined) {
    throw new DeployError(
      "invalid-input",
      `${host.name} cannot build its system: there is no derivation to build it from`,
    );
  }
  await beforeCopy();
  onEvent({ type: "phase", phase: "building" });
  const onOutput = (line: string) => onEvent({ type: "output", line });
  await host.realise(parseStorePath(derivation), { signal, onOutput });
}
