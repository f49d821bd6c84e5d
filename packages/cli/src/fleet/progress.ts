import { stripVTControlCharacters } from "node:util";
import { type DeploymentEvent, type OnEvent, renderEvent, throttle } from "@homelab-deploy/core";

/** Tells how deployments to several hosts go. */
export interface Progress {
  /** For the events of one host. */
  of(host: string): OnEvent;
  /** Says how it ended on one host. */
  end(host: string, text: string): void;
}

/** A line for each event; what is only news is drawn over on a terminal, whose width `columns` gives. */
export function createProgress(write: (text: string) => void, columns: (() => number) | undefined): Progress {
  return columns === undefined ? plain(write) : live(write, columns);
}

function plain(write: (text: string) => void): Progress {
  const tell = (host: string, text: string) => write(`${host}: ${oneLine(text)}\n`);
  return { of: (host) => throttle((event) => tell(host, renderEvent(event))), end: tell };
}

// One line for each host that is under way, below what stays.
function live(write: (text: string) => void, columns: () => number): Progress {
  const current = new Map<string, string>();
  let drawn = 0;
  const draw = (kept: string) => {
    const lines = [...current].map(([host, text]) => `${`${host}: ${text}`.slice(0, columns() - 1)}\n`);
    write(`${drawn > 0 ? `\x1b[${drawn}A` : ""}\x1b[J${kept}${lines.join("")}`);
    drawn = lines.length;
  };
  const keep = (host: string, text: string) => draw(`${host}: ${oneLine(text)}\n`);
  return {
    of: (host) =>
      throttle((event) => {
        if (stays(event)) return keep(host, renderEvent(event));
        current.set(host, oneLine(renderEvent(event)));
        draw("");
      }),
    end(host, text) {
      current.delete(host);
      keep(host, text);
    },
  };
}

function stays(event: DeploymentEvent): boolean {
  if (event.type === "check") return event.state === "failed";
  return event.type === "notice" || event.type === "warning";
}

// What hosts and builders say must not move the cursor.
function oneLine(text: string): string {
  return stripVTControlCharacters(text.trimEnd())
    .replaceAll("\n", "\n  ")
    .replaceAll(/[^\P{Cc}\n]/gu, " ");
}
