import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "./cached.ts";
import { goBuild } from "./go-build.ts";
import { findOnPath, versionOnPath } from "./on-path.ts";
import { writeScript } from "./script.ts";
import type { Outcome } from "./step.ts";

const VERSION = "3.259.0";
const OLDEST = "3.249.0";
const NODE_HOST_VERSION = "3.68.0";
const YAML_HOST_VERSION = "1.32.0";

/**
 * The Pulumi command with its Node and YAML language hosts. The user's own wins when it is new enough and brings
 * both hosts; otherwise all three are ours, so that their versions fit.
 */
export async function findPulumi(): Promise<Outcome> {
  const version = await ownPulumi();
  return version === undefined ? buildPulumi() : { what: `pulumi ${version}`, origin: "on PATH" };
}

async function ownPulumi(): Promise<string | undefined> {
  if (!findOnPath("pulumi-language-nodejs") || !findOnPath("pulumi-language-yaml")) return undefined;
  return versionOnPath(["pulumi", "version"], OLDEST);
}

// The hosts lie beside the command, where it looks first; on PATH they would cost a warning a run.
async function buildPulumi(): Promise<Outcome> {
  const name = `pulumi-${VERSION}-nodejs-${NODE_HOST_VERSION}-yaml-${YAML_HOST_VERSION}`;
  const { directory, origin } = await cached(name, async (home) => {
    const lib = join(home, "lib");
    await Promise.all([
      goBuild(
        "pulumi",
        join(lib, "pulumi"),
        `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${VERSION}`,
      ),
      goBuild("pulumi-language-nodejs", join(lib, "nodejs/pulumi-language-nodejs")),
      goBuild("pulumi-language-yaml", join(lib, "pulumi-language-yaml")),
    ]);
    await writeScript(join(lib, "pulumi-language-nodejs"), nodeHost);
    await mkdir(join(home, "bin"));
    await symlink("../lib/pulumi", join(home, "bin/pulumi"));
  });
  return { what: `pulumi ${VERSION}`, origin, commands: join(directory, "bin") };
}

// Programs here are ECMAScript modules in TypeScript, which Node runs as they are. A host of this version would
// compile them with ts-node, and reads no `runtime.options` that say otherwise.
const nodeHost =
  'exec "$(dirname "$(readlink -f "$0")")/nodejs/pulumi-language-nodejs" --typescript=false "$@"';
