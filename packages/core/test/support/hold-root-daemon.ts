// Holds a root's nix-daemon on a host until it is killed: HOST JSON-OF-THE-SSH-CONNECTION. The password comes by
// standard input.
import { text } from "node:stream/consumers";
import { SshConnector } from "../../src/host/ssh-connection.ts";
import { withRootDaemon } from "../../src/host/ssh-root-daemon.ts";

const [name = "", ssh = "{}"] = process.argv.slice(2);
const connector = new SshConnector(name, JSON.parse(ssh));
const { signal } = new AbortController();
await withRootDaemon(connector, (await text(process.stdin)).trim(), signal, async (program) => {
  console.log(program);
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
