import { describe, expect, it } from "vitest";
import { createBurst } from "./burst.ts";

const never = new AbortController().signal;
const fail = () => Promise.reject(new Error("broken"));

describe("a failure while requests come in", () => {
  it("is held until they have stopped", async () => {
    const burst = createBurst(60);
    burst.touch();
    const start = performance.now();
    setTimeout(burst.touch, 40);
    await expect(burst.holdFailure(fail(), never)).rejects.toThrow("broken");
    expect(performance.now() - start).toBeGreaterThan(90);
  });

  it("is told at once when the run is cancelled", async () => {
    const burst = createBurst(60_000);
    burst.touch();
    await expect(burst.holdFailure(fail(), AbortSignal.timeout(20))).rejects.toThrow("broken");
  });

  it("does not hold what succeeds", async () => {
    const burst = createBurst(60_000);
    burst.touch();
    expect(await burst.holdFailure(Promise.resolve(1), never)).toBe(1);
  });
});
