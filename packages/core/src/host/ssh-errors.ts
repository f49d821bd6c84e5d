import { DeployError } from "../errors.ts";
import { type CommandError, lastLines } from "../process/command-error.ts";

/** What ssh(1) said when it failed by itself (exit status 255), in our words. */
export function sshFailure(host: string, error: CommandError): DeployError {
  const said = lastLines(error.stderr, 20);
  const reason = said.split("\n").findLast((line) => !line.startsWith("@")) || error.message;
  if (/host key verification failed|host identification has changed|no matching host key/i.test(said)) {
    return new DeployError("host-key", `${host} did not show the expected host key: ${hostKeyReason(said)}`, {
      cause: error,
      hint: "If the key is right, give it as `hostKey`, or add it to the known hosts file.",
    });
  }
  if (/permission denied/i.test(said)) {
    return new DeployError("unreachable", `${host} does not let us in: ${reason}`, {
      cause: error,
      hint: "Is the public key among the user's authorized keys, and the private key at hand (identityFile, agent)?",
    });
  }
  return new DeployError("unreachable", `${host} cannot be reached: ${reason}`, { cause: error });
}

function hostKeyReason(said: string): string {
  if (/identification has changed/i.test(said)) return "it shows another key than the known one";
  const unknown = said.split("\n").find((line) => /no .* host key is known/i.test(line));
  return unknown ?? "verification failed";
}
