import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withLock } from "../lock.mjs";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "homelab-deploy-lock-"));
});
afterAll(() => rm(directory, { recursive: true }));

test("two that want the same lock work one after the other", async () => {
  const story: string[] = [];
  const work = (name: string) =>
    withLock(join(directory, "one"), async () => {
      story.push(`${name} begins`);
      await sleep(50);
      story.push(`${name} ends`);
    });
  await Promise.all([work("a"), work("b")]);
  const [first] = story[0]?.split(" ") ?? [];
  const second = first === "a" ? "b" : "a";
  expect(story).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
});

test("a lock is free again after a failure, and gives the result of the work", async () => {
  const file = join(directory, "two");
  await expect(withLock(file, () => Promise.reject(new Error("no luck")))).rejects.toThrow("no luck");
  expect(await withLock(file, () => 42)).toBe(42);
});

test("who gives up waiting does no work, and keeps nobody else from the lock", async () => {
  const file = join(directory, "three");
  await withLock(file, async () => {
    await expect(withLock(file, () => "never", AbortSignal.timeout(50))).rejects.toThrow("timeout");
  });
  expect(await withLock(file, () => "free")).toBe("free");
});
