import { describe, expect, it } from "vitest";
import { SharedWork } from "./shared-work.ts";

/** Work that waits to be ended, and counts how often it is begun. */
function setUp() {
  const work = new SharedWork<string>();
  const begun: { signal: AbortSignal; resolve: (value: string) => void; reject: (error: Error) => void }[] =
    [];
  const join = () =>
    work.join("path", (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      begun.push({ signal, resolve, reject });
      return promise;
    });
  return { begun, join };
}

describe("shared work", () => {
  it("is done once for all, also for those who come when it is done", async () => {
    const { begun, join } = setUp();
    const shares = [join(), join()];
    begun[0]?.resolve("done");
    expect(await Promise.all([...shares, join()].map(({ result }) => result))).toEqual([
      "done",
      "done",
      "done",
    ]);
    expect(begun).toHaveLength(1);
  });

  it("goes on when one leaves, is given up when all have left, and begins anew", () => {
    const { begun, join } = setUp();
    const [first, second] = [join(), join()];
    first.leave();
    expect(begun[0]?.signal.aborted).toBe(false);
    second.leave();
    expect(begun[0]?.signal.aborted).toBe(true);
    join();
    expect(begun).toHaveLength(2);
  });

  it("that has failed begins anew", async () => {
    const { begun, join } = setUp();
    const share = join();
    begun[0]?.reject(new Error("no luck"));
    await expect(share.result).rejects.toThrow("no luck");
    join();
    expect(begun).toHaveLength(2);
  });
});
