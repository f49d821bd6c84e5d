import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Activity } from "./activity.ts";

it("is idle from the end of the last work on, also of one that failed", async () => {
  const activity = new Activity();
  const work = [activity.during(sleep(20)), activity.during(sleep(60).then(() => Promise.reject("no luck")))];
  await work[0];
  expect(activity.idle).toBe(0);
  await expect(work[1]).rejects.toBe("no luck");
  expect(activity.idle).toBeLessThan(10_000);
  await sleep(60);
  expect(activity.idle).toBeGreaterThan(40);
});
