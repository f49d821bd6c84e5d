import type { DeploymentEvent } from "@homelab-deploy/core";
import { describe, expect, it } from "vitest";
import { createProgress } from "./progress.ts";

function render(events: [number, DeploymentEvent][]): string[] {
  const lines: string[] = [];
  let time = 0;
  const progress = createProgress(
    (kind, message) => lines.push(`${kind}: ${message}`),
    () => time,
  );
  for (const [at, event] of events) {
    time = at;
    progress(event);
  }
  return lines;
}

const building = (done: number): DeploymentEvent => ({ type: "build-progress", done, total: 17 });
const copying = (mebibytes: number): DeploymentEvent => ({
  type: "copy-progress",
  bytes: mebibytes * 2 ** 20,
  totalBytes: 212 * 2 ** 20,
  paths: 1,
  totalPaths: 9,
});

describe("progress of a deployment", () => {
  it.each<[DeploymentEvent, string]>([
    [building(3), "ephemeral: building 3/17"],
    [copying(41), "ephemeral: copying 41/212 MiB"],
    [copying(0.25), "ephemeral: copying 0.3/212 MiB"],
    [{ type: "phase", phase: "activating" }, "ephemeral: activating"],
    [{ type: "phase", phase: "confirming" }, "ephemeral: confirming"],
    [{ type: "phase", phase: "rolling-back" }, "ephemeral: rolling back"],
    [{ type: "output", line: "starting nginx.service" }, "ephemeral: starting nginx.service"],
    [
      {
        type: "check",
        name: "tcp-443",
        state: "waiting",
        attempt: 2,
        message: "nothing listens on port 443",
      },
      "ephemeral: health check tcp-443: nothing listens on port 443 (attempt 2)",
    ],
    [
      { type: "check", name: "tcp-443", state: "passed", attempt: 3, message: "" },
      "ephemeral: health check tcp-443 passed",
    ],
    [
      { type: "check", name: "web", state: "failed", attempt: 6, message: "answered 503" },
      "warning: health check web failed: answered 503",
    ],
    [{ type: "notice", message: "reboot required" }, "info: reboot required"],
    [{ type: "warning", message: "nginx.service failed" }, "warning: nginx.service failed"],
  ])("%j", (event, line) => expect(render([[0, event]])).toEqual([line]));

  it("is written at most twice a second, and always at its end", () =>
    expect(
      render([
        [0, building(1)],
        [100, building(2)],
        [499, building(3)],
        [500, building(4)],
        [600, building(17)],
      ]),
    ).toEqual(["ephemeral: building 1/17", "ephemeral: building 4/17", "ephemeral: building 17/17"]));
});
