export type { ExecResult } from "./host/exec.ts";
export { noHosts, sweepTestbeds, temporaryTestbed } from "./host/temporary.ts";
export { defaultDirectory, type HostInfo, type Limits, Testbed } from "./host/testbed.ts";

import { defaultDirectory, Testbed } from "./host/testbed.ts";

/** The testbed in `directory`: by default that of the command, `$TESTBED_DIR` or `.testbed` of the checkout. */
export async function openTestbed(directory: string = defaultDirectory()): Promise<Testbed> {
  return new Testbed(directory);
}
export { endProcesses, processesWith } from "./marked-processes.ts";
export { type NatsServer, type NatsServerOptions, startNatsCluster, startNatsServer } from "./nats-server.ts";
export {
  nameOf,
  type Preview,
  Project,
  type ProjectOptions,
  type PulumiResult,
  pluginDirectory,
} from "./pulumi/project.ts";
