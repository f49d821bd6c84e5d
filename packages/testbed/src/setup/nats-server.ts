import { join } from "node:path";
import { cached } from "./cached.ts";
import { goBuild } from "./go-build.ts";
import { versionOnPath } from "./on-path.ts";
import type { Outcome } from "./step.ts";

const VERSION = "2.15.2";
const OLDEST = "2.12.0";

/** The NATS server that tests start: the user's own when it is new enough, else a build of ours. */
export async function findNatsServer(): Promise<Outcome> {
  const version = await versionOnPath(["nats-server", "--version"], OLDEST);
  if (version !== undefined) return { what: `nats-server ${version}`, origin: "on PATH" };
  const { directory, origin } = await cached(`nats-server-${VERSION}`, (home) =>
    goBuild("nats-server", join(home, "bin/nats-server")),
  );
  return { what: `nats-server ${VERSION}`, origin, commands: join(directory, "bin") };
}
