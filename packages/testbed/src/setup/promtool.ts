import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process.ts";
import { cached } from "./cached.ts";
import { downloadPackage } from "./debian-packages.ts";
import { findOnPath, versionOf, versionOnPath } from "./on-path.ts";
import type { Outcome } from "./step.ts";

const OLDEST = "2.40";

/**
 * The program that checks metrics and alert rules: the user's own, else the one of Debian's `prometheus`, out of its
 * package without installing it. Where neither can be had, the tests that need it are left out.
 */
export async function findPromtool(): Promise<Outcome> {
  const version = await versionOnPath(["promtool", "--version"], OLDEST);
  if (version !== undefined) return { what: `promtool ${version}`, origin: "on PATH" };
  if (findOnPath("apt-get") === undefined || process.getuid?.() !== 0) {
    return { what: "promtool", origin: "missing" };
  }
  const { directory, origin } = await cached("promtool-debian", extract);
  const commands = join(directory, "bin");
  return {
    what: `promtool ${await versionOf([join(commands, "promtool"), "--version"], "0")}`,
    origin,
    commands,
  };
}

async function extract(home: string): Promise<void> {
  await downloadPackage("prometheus", home);
  await mkdir(join(home, "bin"));
  const take = "dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xO ./usr/bin/promtool >bin/promtool";
  await run(["sh", "-c", `${take} && chmod 755 bin/promtool && rm prometheus_*.deb`], { cwd: home });
}
