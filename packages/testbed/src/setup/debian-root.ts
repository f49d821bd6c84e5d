import { createHash } from "node:crypto";
import { run, runShown } from "../process.ts";
import { type CacheEntry, cached, cachedPath } from "./cached.ts";
import type { Outcome } from "./step.ts";

const SUITE = "trixie";
const PACKAGES = [
  ...["systemd", "systemd-sysv", "dbus", "openssh-server", "nix-bin", "sudo", "busybox"],
  ...["iproute2", "iputils-ping", "netcat-openbsd", "curl", "ca-certificates", "procps", "psmisc", "less"],
  // A boot loader whose one-shot entry is a file, and a clock that tests can set.
  ...["grub2-common", "libfaketime"],
  // Services of a fleet. A kernel without WireGuard has it from wireguard-go.
  ...["nsd", "wireguard-go", "wireguard-tools"],
  "prometheus-node-exporter",
];
const RECIPE = 1;

/** Names the contents of the root: its suite, its packages and the way it is made. */
export const debianRootVersion = createHash("sha256")
  .update(JSON.stringify([RECIPE, SUITE, PACKAGES, process.arch]))
  .digest("hex")
  .slice(0, 12);

/** The root's directory once the set-up has made it. */
export const debianRoot = cachedPath(`debian-${SUITE}-${debianRootVersion}`);

/**
 * A Debian root that test hosts run on, and that gives this machine its Nix. As root only, with mmdebstrap; the
 * packages come from the mirror that this machine's own apt uses.
 */
export async function makeDebianRoot(): Promise<Outcome> {
  const { origin } = await fillRoot();
  return { what: `Debian ${SUITE} root`, origin };
}

function fillRoot(): Promise<CacheEntry> {
  return cached(`debian-${SUITE}-${debianRootVersion}`, async (directory) => {
    console.error(`Debian ${SUITE} root: installing, once`);
    const mirror = await ownMirror();
    await runShown(
      [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        `--include=${PACKAGES.join(",")}`,
        // Keys are a host's own; machine-id is made at its first boot.
        '--customize-hook=rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/machine-id "$1"/etc/hostname "$1"/etc/resolv.conf',
        '--customize-hook=rm -rf "$1"/usr/share/doc "$1"/usr/share/man',
        SUITE,
        directory,
        ...(mirror ? [mirror] : []),
      ],
      { env: { LC_ALL: "C.UTF-8", LANG: undefined, LANGUAGE: undefined } },
    );
  });
}

// Without one, mmdebstrap takes its default. Only after an `apt-get update` does apt know which of its sources is Debian.
async function ownMirror(): Promise<string | undefined> {
  const known = await debianSource();
  if (known !== undefined || process.getuid?.() !== 0) return known;
  await runShown(["apt-get", "update", "--quiet=2"], { env: { LC_ALL: "C.UTF-8" } });
  return debianSource();
}

async function debianSource(): Promise<string | undefined> {
  const sources = await run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)"]);
  const [, address] = /^(\S+) Debian Debian$/m.exec(sources) ?? [];
  return address;
}
