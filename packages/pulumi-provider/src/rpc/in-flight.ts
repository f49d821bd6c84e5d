/** The calls that have not been answered yet. */
export interface InFlight {
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves as soon as no call is open. */
  idle(): Promise<void>;
}

export function createInFlight(): InFlight {
  const open = new Set<Promise<unknown>>();
  return {
    track: (work) => {
      open.add(work);
      return work.finally(() => open.delete(work));
    },
    idle: async () => {
      while (open.size > 0) await Promise.allSettled(open);
    },
  };
}
