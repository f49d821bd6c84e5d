// node listeners.ts URL KEYS FIRST COUNT: that many listeners, each with a connection and a key of its own, on hosts that
// are in memory. Writes a line when all of them listen, and goes on until it is interrupted or its parent is gone.
import { MemoryHost, parseStorePath } from "@homelab-deploy/core";
import { deploySubjectTemplates, discoverSubject, expandSubjects } from "@homelab-deploy/core/nats";
import { startListener } from "../../packages/cli/src/listener/listener.ts";
import { floorSubject, hostName, keyFile, tier } from "./names.ts";

const [url = "", keys = "", first = "0", count = "1"] = process.argv.slice(2);
// The server gives a new connection two seconds to log in.
const atOnce = 20;
const { signal } = new AbortController();

for (let number = Number(first); number < Number(first) + Number(count); number += atOnce) {
  const last = Math.min(number + atOnce, Number(first) + Number(count));
  await Promise.all(Array.from({ length: last - number }, (_, index) => listen(hostName(number + index))));
}
process.stdin.on("end", () => process.exit()).resume();
console.log("listening");

async function listen(hostname: string): Promise<void> {
  const host = new MemoryHost(hostname, systemOf("before"));
  const deploySubjects = expandSubjects(deploySubjectTemplates, { hostname, tier, role: undefined });
  const { nats } = await startListener(
    { hostname, tier, deploySubjects, discoverSubject, timeout: 600_000 },
    {
      connection: { url, nkeyFile: keyFile(keys, `hosts/${hostname}`) },
      host,
      systems: async (revision) => {
        // They are for tests, and a host of the world does not have them.
        host.calls.length = 0;
        return { toplevel: systemOf(revision), revision };
      },
      log: () => {},
      signal,
    },
  );
  const body = JSON.stringify({ hostname, tier, deploy_subjects: deploySubjects });
  nats.connection.subscribe(floorSubject, { callback: (_error, message) => message.respond(body) });
  await nats.connection.flush();
}

function systemOf(revision: string) {
  return parseStorePath(`/nix/store/kc2yq0qlj1g5y4vvzrk8c9kqkp8p0c1q-nixos-system-${revision}`);
}
