import type { Timed } from "./measure.ts";
import { pluginCommand, startProcess } from "./process.ts";

/** From the start of the plugin's process to the line with its port, which is what the engine waits for. */
export const pluginStart: Timed = () => untilFirstLine(pluginCommand);

/** The same of a Node process that does nothing but write a line. */
export const emptyNodeStart: Timed = () => untilFirstLine(["node", "--eval", "console.log(0)"]);

async function untilFirstLine(command: readonly string[]): Promise<number> {
  await using started = await startProcess(command);
  return started.milliseconds;
}
