import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";

export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

// A client that hears nothing for a minute gives up.
const reminder = 10_000;

export interface Progress extends Disposable {
  /** Tells a client that wants to know what is happening. */
  tell(message: string): void;
}

/** Progress of one call; what was told last is told again now and then. */
export function progressOf({ _meta, sendNotification }: Extra): Progress {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return { tell() {}, [Symbol.dispose]() {} };
  let [progress, last] = [0, ""];
  const send = (message: string) => {
    const params = { progressToken, progress: progress++, message };
    // A client that is gone needs no progress.
    sendNotification({ method: "notifications/progress", params }).catch(() => {});
  };
  const timer = setInterval(() => send(`${last} (still waiting)`), reminder);
  return {
    tell(message) {
      last = message;
      timer.refresh();
      send(message);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
