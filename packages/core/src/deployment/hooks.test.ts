import { describe, expect, it } from "vitest";
import type { HookName, Hooks } from "../model/hooks.ts";
import type { DeploymentEvent } from "./events.ts";
import { runHook } from "./hooks.ts";

const context = {
  host: "web01",
  address: "10.0.0.1",
  toplevel: "/t",
  previous: "/p",
  goal: "switch",
  deployment: "id",
};

async function hook(name: HookName, hooks: Hooks, { signal } = new AbortController()) {
  const events: DeploymentEvent[] = [];
  await runHook(name, hooks, context, { signal, onEvent: (event) => events.push(event) });
  return events;
}

describe("a hook", () => {
  it("runs as a line for sh, with the deployment in its environment", async () =>
    expect(
      await hook("beforeCopy", { beforeCopy: 'echo "$HOMELAB_HOOK $HOMELAB_HOST"; echo oh >&2' }),
    ).toEqual(
      expect.arrayContaining([
        { type: "output", line: "beforeCopy: beforeCopy web01" },
        { type: "output", line: "beforeCopy: oh" },
      ]),
    ));

  it("runs as a list of arguments that no shell reads", async () =>
    expect(await hook("afterHealthy", { afterHealthy: ["printf", "%s\n", "$(id) *"] })).toEqual([
      { type: "output", line: "afterHealthy: $(id) *" },
    ]));

  it("does nothing where there is none", async () => expect(await hook("beforeCopy", {})).toEqual([]));

  it.each<HookName>(["beforeCopy", "beforeActivation", "beforeReboot"])(
    "%s stops what comes next",
    async (name) =>
      expect(hook(name, { [name]: "echo no way >&2; exit 3" })).rejects.toMatchObject({
        code: "hook-failed",
        message: `the hook ${name} of web01 ended with exit status 3:\nno way`,
      }),
  );

  it.each<HookName>(["afterHealthy", "afterReboot", "onFailure"])("%s only warns", async (name) =>
    expect(await hook(name, { [name]: ["no-such-program"] })).toEqual([
      {
        type: "warning",
        message: `the hook ${name} of web01 could not be started: there is no such program`,
      },
    ]),
  );

  it("ends at its time limit", async () =>
    expect(hook("beforeCopy", { beforeCopy: "sleep 100", timeout: "300ms" })).rejects.toMatchObject({
      message: "the hook beforeCopy of web01 did not end in time",
    }));

  it("does not show its command line, which may hold a secret", async () =>
    expect(hook("beforeCopy", { beforeCopy: "false s3cret" })).rejects.toMatchObject({
      message: expect.not.stringContaining("s3cret"),
    }));

  it("ends when the deployment is aborted", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 200);
    await expect(hook("beforeCopy", { beforeCopy: "sleep 100" }, controller)).rejects.toThrow("enough");
    expect(await hook("afterHealthy", { afterHealthy: "sleep 100" }, controller)).toMatchObject([
      { type: "warning", message: "the hook afterHealthy of web01 was cancelled" },
    ]);
  });
});
