import { setTimeout as sleep } from "node:timers/promises";

/**
 * Requests come in bursts: a program registers its hosts one right after another. The engine begins no further step
 * once one has failed, so a failure is told when the burst is over, and one broken host keeps no other from its update.
 */
export interface Burst {
  /** Notes that a request has come. */
  touch(): void;
  /** The outcome of `work`, but a failure not before the burst is over; an abort of `signal` ends the wait. */
  holdFailure<T>(work: Promise<T>, signal: AbortSignal): Promise<T>;
}

/** `quiet`: milliseconds without a request after which a burst is over. */
export function createBurst(quiet = 1000): Burst {
  let last = Number.NEGATIVE_INFINITY;
  const over = async (signal: AbortSignal) => {
    for (;;) {
      const left = last + quiet - performance.now();
      if (left <= 0 || signal.aborted) return;
      await sleep(left, undefined, { signal }).catch(() => {});
    }
  };
  return {
    touch: () => {
      last = performance.now();
    },
    holdFailure: async (work, signal) => {
      try {
        return await work;
      } catch (error) {
        await over(signal);
        throw error;
      }
    },
  };
}
