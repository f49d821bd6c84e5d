import { mkdtemp, readdir, readFile, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepTestbeds, Testbed } from "@homelab-deploy/testbed";
import { execa } from "execa";

/** Disks of a testbed together: room for some systems, and soon full. */
const diskSize = "768M";

/** A testbed whose disks are small enough to be filled, and lie in memory. */
export class SmallBed implements AsyncDisposable {
  readonly testbed: Testbed;

  static async open(): Promise<SmallBed> {
    const directory = await mkdtemp(join(tmpdir(), `homelab-deploy-testbed-${process.pid}-`));
    await execa("mount", ["-t", "tmpfs", "-o", `size=${diskSize},mode=0755`, "faults", directory]);
    return new SmallBed(new Testbed(directory));
  }

  private constructor(testbed: Testbed) {
    this.testbed = testbed;
  }

  /** The end of a host's console. */
  async consoleOf(host: string): Promise<string> {
    const file = join(this.testbed.directory, "hosts", host, "console.log");
    return (await readFile(file, "utf8").catch(() => "")).split("\n").slice(-400).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.testbed.down();
    await execa("umount", ["--lazy", this.testbed.directory]);
    await rmdir(this.testbed.directory).catch(() => {});
  }
}

/** Takes down what an earlier run left that was killed. */
export async function sweepBeds(): Promise<void> {
  await sweepTestbeds();
  const mounts = await readFile("/proc/mounts", "utf8");
  for (const [, directory = ""] of mounts.matchAll(/^faults (\S+) tmpfs /gm)) {
    if ((await readdir(directory)).length > 0) continue;
    await execa("umount", [directory], { reject: false });
    await rmdir(directory).catch(() => {});
  }
}
