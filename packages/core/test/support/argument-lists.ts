import { readdirSync, readFileSync } from "node:fs";

/** Collects the argument list of every process of this machine and its test hosts, until it is disposed of. */
export function watchArgumentLists(): Disposable & { readonly seen: ReadonlySet<string> } {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      } catch {}
    }
  };
  const timer = setInterval(look, 25);
  return { seen, [Symbol.dispose]: () => clearInterval(timer) };
}
