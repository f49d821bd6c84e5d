import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { guardProtocol, requireFeatures, requireProtocol } from "./features.ts";

const guard = guardProtocol;

describe("requireFeatures", () => {
  it("agrees when the guard can do all that is needed", () => {
    requireFeatures("web01", { guard, features: ["checks", "reboot", "history"] }, ["reboot", "checks"]);
  });

  it.each([
    ["a guard that names fewer", { guard, features: ["checks"] }, "reboot, history"],
    ["a guard that names none", { guard, features: [] }, "checks, reboot, history"],
  ])("refuses %s, and says what is lacking and what to do", (_title, status, lacking) => {
    expect(() => requireFeatures("web01", status, ["checks", "reboot", "history"])).toThrow(
      expect.objectContaining({
        code: "refused",
        message: `web01 has a guard that is too old for this: it lacks ${lacking}`,
        hint: expect.stringContaining("newer guard"),
      }),
    );
  });

  it("refuses another protocol whatever the features are", () =>
    expect(() => requireFeatures("web01", { guard: guard + 1, features: ["checks"] }, [])).toThrow(
      "protocol",
    ));
});

describe("requireProtocol", () => {
  it.each([
    [guard + 1, "Update homelab-deploy on this machine."],
    [guard - 1, expect.stringContaining("newer guard")],
  ])("refuses protocol %s, and says which side to update", (other, hint) =>
    expect(() => requireProtocol("web01", { guard: other })).toThrow(
      expect.objectContaining({
        code: "refused",
        message: `web01 has a guard that speaks protocol ${other}, and this program speaks protocol ${guard}`,
        hint,
      }),
    ),
  );

  it("is the one of the guard that is sent along", () => {
    const main = readFileSync(new URL("guard/main.sh", import.meta.url), "utf8");
    expect(main).toContain(`\nreadonly PROTOCOL=${guardProtocol}\n`);
  });
});
