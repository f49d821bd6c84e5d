import { randomUUID } from "node:crypto";
import { explain, isLostLink } from "../errors.ts";
import type { WhenOff } from "../host/host.ts";
import type { Connection } from "../model/connection.ts";
import { runsOnHost } from "../model/health-check.ts";
import { parseStorePath } from "../model/store-path.ts";
import { buildForHost, deployTo } from "./deploy.ts";
import { deployer } from "./deployer.ts";
import type { DeploymentRequest, DeploymentResult, DeployOptions } from "./request.ts";
import { withHost } from "./with-host.ts";

/** The host is off, and gets what was asked for when it is back. */
export interface LeftDeployment {
  readonly outcome: "pending";
}

/**
 * Deploys to a host as `deploy` does. When its connection says so and the host is off, the system is built and left where
 * the host finds it when it is back.
 */
export async function deployOrLeave(
  request: DeploymentRequest,
  options: DeployOptions,
): Promise<DeploymentResult | LeftDeployment> {
  const { name, connection, goal, buildOn } = request;
  const { signal, onEvent } = options;
  return withHost(name, connection, async (host) => {
    const { whenOff } = host;
    if (whenOff === undefined || goal === "dry-activate") return deployTo(host, request, options);
    onEvent({ type: "phase", phase: "connecting" });
    const silence = await host.inspect({ signal }).then(
      () => undefined,
      (error: unknown) => {
        if (isLostLink(error) && buildOn !== "target") return explain(error);
        throw error;
      },
    );
    if (silence === undefined) {
      await whenOff.withdraw({ signal });
      return deployTo(host, request, options);
    }
    await leave(whenOff, { ...request, goal }, options);
    onEvent({ type: "warning", message: `${name} gets its system when it is back: ${silence}` });
    return { outcome: "pending" };
  });
}

/** Takes back what was left for a host that was off, if anything was and the host has not come to it. */
export async function withdraw(
  name: string,
  connection: Connection,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  await withHost(name, connection, async ({ whenOff }) => whenOff?.withdraw(options));
}

async function leave(
  whenOff: WhenOff,
  request: DeploymentRequest & Pick<Parameters<WhenOff["leave"]>[0], "goal">,
  options: DeployOptions,
): Promise<void> {
  const { signal, onEvent } = options;
  const { id = randomUUID(), by = deployer(), goal, revision, rollback, healthChecks = [] } = request;
  const { reboot, rebootAt, rebootTimeout, signingKeyFile } = request;
  const toplevel = parseStorePath(request.toplevel);
  await buildForHost(toplevel, request, options);
  onEvent({ type: "phase", phase: "copying" });
  const policy = { rollback, checks: healthChecks.filter(runsOnHost), reboot, rebootAt, rebootTimeout };
  await whenOff.leave(
    { id, toplevel, goal, by, revision, ...policy },
    {
      signal,
      signingKeyFile,
      onProgress: (progress) => onEvent({ type: "copy-progress", ...progress }),
    },
  );
}
