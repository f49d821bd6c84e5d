import type { ExecResult } from "@homelab-deploy/testbed";

/** One deployment in the host's own journal. */
export interface JournalEntry {
  readonly id: string;
  readonly phase: string;
  /** Empty while there is none. */
  readonly outcome: string;
  readonly reason: string;
  readonly to: string;
  /** Whether it reboots the host. */
  readonly reboots: boolean;
  /** The outcomes that its events tell. */
  readonly told: readonly string[];
}

/** What is on a host: read from its files by its console, without the guard's help. */
export interface Look {
  readonly running: string;
  readonly booted: string;
  /** What the boot loader starts next, by its own files. */
  readonly boots: string;
  readonly profile: string;
  readonly bootId: string;
  /** `system-N-link target`, in the order of their numbers. */
  readonly generations: readonly string[];
  readonly failedUnits: readonly string[];
  readonly deployments: readonly JournalEntry[];
  /** What no deployment that has ended may leave, a sentence each. */
  readonly leftovers: readonly string[];
}

/** Looks at a host; `exec` runs a command on its console. */
export async function look(exec: (argv: readonly string[]) => Promise<ExecResult>): Promise<Look> {
  const { stdout, stderr, exitCode } = await exec(["sh", "-c", script]);
  if (exitCode !== 0) throw new Error(`the host cannot be looked at: ${stdout}${stderr}`);
  const lines = stdout.split("\n").map((line) => {
    const [, key = "", value = ""] = /^([a-zA-Z]+)=(.*)$/.exec(line) ?? [];
    return { key, value };
  });
  const all = (key: string) => lines.filter((line) => line.key === key).map(({ value }) => value);
  const one = (key: string) => all(key)[0] ?? "";
  return {
    running: one("running"),
    booted: one("booted"),
    boots: one("boots"),
    profile: one("profile"),
    bootId: one("bootId"),
    generations: all("generation").sort((a, b) => numberIn(a) - numberIn(b)),
    failedUnits: all("failed"),
    deployments: all("deployment").map(toEntry),
    leftovers: all("leftover"),
  };
}

function toEntry(line: string): JournalEntry {
  const [id = "", phase = "", outcome = "", to = "", reboot = "", told = "", reason = ""] = line.split("|");
  return { id, phase, outcome, reason, to, reboots: reboot === "yes", told: told.split(" ").filter(Boolean) };
}

const numberIn = (line: string) => Number(/^system-(\d+)-link /.exec(line)?.[1]);

// The patterns are written so that they do not match this script's own command line.
const script = String.raw`
say() { printf '%s=%s\n' "$1" "$2"; }
say running "$(readlink -f /run/current-system)"
say booted "$(readlink -f /run/booted-system)"
entry=$(cat /boot/loader/default 2>/dev/null || sed -n 's/^default[[:space:]]*//p' /boot/loader/loader.conf)
say boots "$(sed -n 's/^options.*init=\([^[:space:]]*\)\/init.*/\1/p' "/boot/loader/entries/$entry")"
[ ! -e /boot/loader/oneshot ] || say leftover "an entry to boot once: $(cat /boot/loader/oneshot)"
say profile "$(readlink -f /nix/var/nix/profiles/system)"
say bootId "$(cat /proc/sys/kernel/random/boot_id)"
for link in /nix/var/nix/profiles/system-*-link; do say generation "${"$"}{link##*/} $(readlink "$link")"; done
systemctl list-units --state=failed --plain --no-legend --no-pager | while read -r unit _; do say failed "$unit"; done
for entry in /var/lib/homelab-deploy/deployments/*/; do
  [ -d "$entry" ] || continue
  id=$(basename "$entry")
  [ -e "$entry/record" ] || { say leftover "an entry of the journal without a record: $id"; continue; }
  told=$(sed -n 's/^.*"type":"end","outcome":"\([a-z-]*\)".*$/\1/p' "$entry/events" 2>/dev/null | paste -sd ' ' -)
  say deployment "$id|$(cat "$entry/phase" 2>/dev/null)|$(sed -n 1p "$entry/outcome" 2>/dev/null)|$(sed -n 's/^to=//p' "$entry/record")|$(sed -n 's/^reboot=//p' "$entry/record")|$told|$(sed 1d "$entry/outcome" 2>/dev/null | paste -sd ' ' -)"
done
ls -A /run/homelab-deploy 2>/dev/null | grep -vx begin.lock | while read -r name; do say leftover "/run/homelab-deploy/$name"; done
systemctl list-units --all --plain --no-legend --no-pager 'homelab-activat[e]-*' | while read -r unit _ state _; do say leftover "unit $unit ($state)"; done
ls -A /nix/var/nix/gcroots/homelab-deploy 2>/dev/null | grep -vx guard | while read -r name; do say leftover "garbage collector root $name"; done
find /var/lib/homelab-deploy -name '*.new' 2>/dev/null | while read -r name; do say leftover "$name"; done
pgrep -af '[h]omelab-activate|[s]witch-to-configuration' | while read -r process; do say leftover "process $process"; done
for lock in /run/nixos/switch-to-config*.lock; do
  [ ! -e "$lock" ] || flock --nonblock "$lock" true || say leftover "held: $lock"
done
`;
