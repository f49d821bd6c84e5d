import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HostInfo, noHosts, type Testbed, temporaryTestbed } from "../src/index.ts";

describe.skipIf(noHosts)("two test hosts", () => {
  let bed: Testbed;
  let [alpha, beta]: HostInfo[] = [];

  beforeAll(async () => {
    bed = await temporaryTestbed();
    [alpha, beta] = await bed.up(["alpha", "beta"]);
  });
  afterAll(() => bed.down());

  /** What a shell of the host prints. */
  const sh = async (name: string, text: string) => (await bed.exec(name, ["sh", "-c", text])).stdout;
  const bootId = (name: string) => sh(name, "cat /proc/sys/kernel/random/boot_id");

  test("look like NixOS to a deployer", async () => {
    const toplevel = await sh("alpha", "readlink -f /run/current-system");
    expect(toplevel).toMatch(/^\/nix\/store\/[a-z0-9]{32}-nixos-system-/);
    expect(await sh("alpha", "readlink -f /run/booted-system")).toBe(toplevel);
    expect(await sh("alpha", "readlink -f /nix/var/nix/profiles/system")).toBe(toplevel);
    expect(await sh("alpha", "test -e /etc/NIXOS && hostname")).toBe("alpha");
    expect(await sh("alpha", "systemctl is-system-running --wait")).toBe("running");
    expect(await sh("alpha", "nix-store --verify 2>&1 && nix config show require-sigs")).toMatch(/true$/);
  });

  test("take a login with the testbed's key, and show the host key that `up` told", async () => {
    expect(await ssh(bed, beta, "hostname")).toBe("beta");
  });

  test("give an exit status and both streams of a command", async () => {
    expect(await bed.exec("alpha", ["sh", "-c", "echo out; echo err >&2; exit 7"])).toEqual({
      exitCode: 7,
      stdout: "out",
      stderr: "err",
    });
  });

  test("are left alone by a second `up`", async () => {
    const before = await bootId("alpha");
    expect(await bed.up(["alpha"])).toEqual([alpha]);
    expect(await bootId("alpha")).toBe(before);
  });

  test("keep the disk over a power loss and lose what was in memory", async () => {
    await sh("alpha", "echo kept > /root/disk; echo lost > /run/memory");
    await bed.kill("alpha");
    expect((await bed.status()).map(({ state }) => state)).toEqual(["off", "running"]);
    await expect(bed.exec("alpha", ["true"])).rejects.toThrow("alpha is off");
    await bed.boot("alpha");
    expect(await sh("alpha", "cat /root/disk; ls /run/memory")).toBe("kept");
  });

  test("boot again when they ask for a reboot", async () => {
    const before = await bootId("beta");
    await bed.exec("beta", ["systemctl", "reboot"]);
    await expect.poll(() => bootId("beta").catch(() => before), { timeout: 60_000 }).not.toBe(before);
    await bed.waitUntilUp("beta");
    expect(await ssh(bed, beta, "hostname")).toBe("beta");
  });

  test("boot the one-shot entry once, then the default one", async () => {
    const entries = "/boot/loader/entries";
    await sh("beta", `sed 's/init=/init=\\/./' ${entries}/nixos-generation-1.conf > ${entries}/once.conf`);
    await sh("beta", "echo once.conf > /boot/loader/oneshot");
    const boots = [];
    for (let boot = 0; boot < 2; boot++) {
      await bed.kill("beta");
      await bed.boot("beta");
      const console = await readFile(`${bed.directory}/hosts/beta/console.log`, "utf8");
      boots.push(console.match(/testbed: booting .*/g)?.at(-1));
    }
    expect(boots[0]).toMatch(/booting \/\.\/nix\/store/);
    expect(boots[1]).toMatch(/booting \/nix\/store/);
  });

  test("hear nothing while the cable is pulled", async () => {
    await bed.cut("beta");
    await expect(ssh(bed, beta, "true")).rejects.toThrow(/timed out|No route to host/);
    expect(await sh("beta", "hostname")).toBe("beta");
    await bed.heal("beta");
    expect(await ssh(bed, beta, "hostname")).toBe("beta");
  });

  test("reach each other", async () => {
    expect(await sh("alpha", `nc -w 10 ${beta?.address} 22 < /dev/null | head -n 1`)).toMatch(/^SSH-/);
  });

  test("say what is wrong with a name", async () => {
    await expect(bed.up(["$(reboot)"])).rejects.toThrow('not a host name: "$(reboot)"');
    await expect(bed.kill("gamma")).rejects.toThrow("there is no host gamma");
  });

  test("leave nothing behind", async () => {
    await bed.down();
    const links = await execa("ip", ["-brief", "link"]);
    expect(links.stdout).not.toContain(subnetPrefix(alpha));
    expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(bed.directory);
    expect(await processesNaming(bed.directory)).toEqual([]);
    expect(await cgroupsNaming(subnetPrefix(alpha))).toEqual([]);
    expect(existsSync(bed.directory)).toBe(false);
  });
});

async function ssh(bed: Testbed, host: HostInfo | undefined, command: string): Promise<string> {
  if (!host) throw new Error("no such host");
  const options = {
    IdentityFile: host.identityFile,
    UserKnownHostsFile: "/dev/null",
    KnownHostsCommand: `/bin/echo ${host.address} ${host.hostKey}`,
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    ConnectTimeout: "5",
  };
  const argv = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const { stdout } = await execa("ssh", ["-F", "none", ...argv, `${host.user}@${host.address}`, command], {
    cwd: bed.directory,
  });
  return stdout;
}

/** `hd<N>-`, with which the names of all that the testbed makes on this machine start. */
function subnetPrefix(host: HostInfo | undefined): string {
  return `hd${host?.address.split(".")[2]}-`;
}

async function processesNaming(text: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return commands.filter((command) => command.includes(text));
}

async function cgroupsNaming(text: string): Promise<string[]> {
  const { stdout } = await execa("find", ["/sys/fs/cgroup", "-maxdepth", "2", "-name", `${text}*`]);
  return stdout.split("\n").filter(Boolean);
}
