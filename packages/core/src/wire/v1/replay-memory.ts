import { DeployError } from "../../errors.ts";

const defaultCapacity = 20_000;

/** The requests that came and could come again. */
export class ReplayMemory {
  // In the order in which they came, with the time until which each could come again.
  readonly #seen = new Map<string, number>();
  readonly #capacity: number;

  constructor(capacity: number = defaultCapacity) {
    this.#capacity = capacity;
  }

  /**
   * Remembers `request` until the time `until`. Throws `refused` when it is known, and when there are more than can be
   * remembered: none is forgotten before its time. Times are in milliseconds since 1970.
   */
  add(request: string, until: number, now: number): void {
    if (this.#seen.has(request)) throw refuse("it is replayed: it came before");
    if (this.#seen.size >= this.#capacity) this.#forget(now);
    if (this.#seen.size >= this.#capacity) throw refuse("there were too many within a minute");
    this.#seen.set(request, until);
  }

  #forget(now: number): void {
    for (const [request, until] of this.#seen) if (until < now) this.#seen.delete(request);
  }
}

function refuse(reason: string): DeployError {
  return new DeployError("refused", `the request is refused: ${reason}`);
}
