import { DeployError } from "../errors.ts";
import type { StorePath } from "../model/store-path.ts";
import { CommandError } from "../process/command-error.ts";
import { run } from "../process/run.ts";
import { nixFailure } from "./nix-command.ts";
import { lookingInto } from "./substitute.ts";

const remembered = 20;

export interface RealiseOptions {
  /** URL of a binary cache that has the derivation with all it needs to be built. */
  readonly from: string | undefined;
  readonly signal: AbortSignal;
  /** Told what Nix and the builders say, line by line. */
  readonly onOutput: (line: string) => void;
}

/** Builds `derivation` on this machine. Throws `build-failed` with the last that was said. */
export async function realise(
  derivation: StorePath,
  { from, signal, onOutput }: RealiseOptions,
): Promise<void> {
  const said: string[] = [];
  const onStderr = (line: string) => {
    said.push(line);
    if (said.length > remembered) said.shift();
    onOutput(line);
  };
  try {
    await run(["nix-store", "--realise", derivation, ...lookingInto(from)], { signal, onStderr });
  } catch (error) {
    if (!(error instanceof CommandError) || error.missing) throw nixFailure(error, "build-failed");
    throw new DeployError("build-failed", [`${derivation} did not build:`, ...said].join("\n  "), {
      cause: error,
    });
  }
}
