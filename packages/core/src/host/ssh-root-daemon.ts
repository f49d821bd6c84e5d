import { DeployError, toDeployError } from "../errors.ts";
import type { SshConnector } from "./ssh-connection.ts";
import { SudoTalk } from "./ssh-sudo.ts";

/**
 * Starts `nix-daemon --stdio` as root on the host, by sudo and `password`, and hands `use` the program that joins a copy
 * to it. Nix runs that program over a connection of its own, where it would have no room for a password: so the two meet
 * at two named pipes, in a directory that only this login can enter. Directory and daemon end with this connection.
 */
export async function withRootDaemon(
  connector: SshConnector,
  password: string,
  signal: AbortSignal,
  use: (program: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ended = new AbortController();
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const talk = new SudoTalk(password, () => resolve());
  let directory = "";
  let said = "";
  const onStdout = (line: string) => {
    directory ||= line;
  };
  const onStderr = (line: string) => {
    said = line || said;
  };
  const argv = ["sh", "-c", meetingPoint, "sh", ...talk.argv(["nix-daemon", "--stdio"])];
  const daemon = connector.exec(argv, { signal, timeout: 0, onStdout, onStderr }, talk).then(
    () =>
      ended.abort(
        new DeployError("copy-failed", `the host's nix-daemon ended: ${said || "no reason given"}`),
      ),
    (error: unknown) => ended.abort(toDeployError(error, "copy-failed")),
  );
  ended.signal.addEventListener("abort", () => reject(ended.signal.reason), { once: true });
  try {
    await ready;
    if (!/^\/[A-Za-z0-9._/-]+$/.test(directory)) {
      throw new DeployError("bad-answer", `no directory for a copy: ${JSON.stringify(directory)}`);
    }
    await use(`sh ${directory}/join`, AbortSignal.any([signal, ended.signal]));
  } finally {
    talk.end();
    await daemon;
  }
}

// Arguments: the command that becomes root. Its input is what comes here, line by line, until a copy has joined; a
// process of its own hands that on and keeps the pipes open, and ends with the connection. Root opens none of the files.
const meetingPoint = `
umask 077
directory=$(mktemp -d "\${XDG_RUNTIME_DIR:-/tmp}/homelab-deploy-XXXXXXXXXX") || exit
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
mkfifo "$directory/to" "$directory/from" || exit
printf '%s\\n' 'cd "\${0%/*}" && { cat from & exec cat >to; }' >"$directory/join" || exit
echo "$directory"
exec 3<&0
while IFS= read -r line; do printf '%s\\n' "$line" >&4; done <&3 4<>"$directory/to" 5<>"$directory/from" &
"$@" <"$directory/to" >"$directory/from" 3<&-
status=$?
kill "$!" 2>/dev/null
exit "$status"
`;
