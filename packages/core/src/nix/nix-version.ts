import { nix } from "./nix-command.ts";

let known: string | undefined;

/** Version line of the Nix on PATH, such as `nix (Nix) 2.26.3`; asked once per process. */
export async function nixVersion(signal: AbortSignal): Promise<string> {
  known ??= (await nix(["--version"], "tool-missing", { signal })).stdout.trim();
  return known;
}
