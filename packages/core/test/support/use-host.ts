import { type HostInfo, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, beforeAll } from "vitest";
import {
  type Connection,
  createBuilder,
  type DeploymentEvent,
  type DeploymentRequest,
  deploy,
  type FleetSource,
  type HostStatus,
  inspectHost,
  type StorePath,
} from "../../src/index.ts";
import { evaluateSystems, type System } from "./systems.ts";

const { signal } = new AbortController();
const builder = createBuilder();

/** What became of a deployment, with all that it told. */
export interface Deployed {
  readonly outcome: string;
  readonly error: (Error & { readonly code: string }) | undefined;
  readonly status: HostStatus | undefined;
  readonly events: readonly DeploymentEvent[];
}

/** One real host for the tests of a `describe`, and the systems of a source: those of `test/systems` by default. */
export function useHost(name: string, source?: FleetSource) {
  let bed: Testbed | undefined;
  let host: HostInfo | undefined;
  let systems: Record<string, System> = {};
  beforeAll(async () => {
    bed = await temporaryTestbed();
    [host] = await bed.up([name]);
    systems = await evaluateSystems(source);
  });
  afterAll(() => bed?.down());

  const testbed = (): Testbed => {
    if (bed === undefined) throw new Error("the host is not there yet");
    return bed;
  };
  const connection = (changes: object = {}): Connection => ({
    ssh: { host: host?.address, identityFile: host?.identityFile, hostKey: host?.hostKey, ...changes },
  });
  const find = (key: string): System => {
    const found = systems[key];
    if (found === undefined) throw new Error(`there is no system ${key}`);
    return found;
  };
  const system = (key: string): StorePath => find(key).toplevel;
  return {
    bed: testbed,
    host: (): HostInfo => {
      if (host === undefined) throw new Error("the host is not there yet");
      return host;
    },
    connection,
    find,
    system,
    inspect: (): Promise<HostStatus> => inspectHost(name, connection(), { signal }),
    /** Runs a shell script on the host's console; returns what it says. */
    async shell(script: string): Promise<string> {
      return (await testbed().exec(name, ["sh", "-c", script])).stdout;
    },
    async deployed(key: string, request: Partial<DeploymentRequest> = {}): Promise<Deployed> {
      const events: DeploymentEvent[] = [];
      const whole: DeploymentRequest = {
        name,
        connection: connection(),
        ...find(key),
        goal: "switch",
        ...request,
        rollback: { confirmTimeout: "8s", ...request.rollback },
      };
      const onEvent = (event: DeploymentEvent) => events.push(event);
      try {
        return { ...(await deploy(whole, { builder, signal, onEvent })), error: undefined, events };
      } catch (error) {
        return { outcome: "error", error: error as Deployed["error"], status: undefined, events };
      }
    },
    /** Power is lost and comes back. */
    async restart(): Promise<void> {
      await testbed().kill(name);
      await testbed().boot(name);
    },
  };
}
