import { expect, it } from "vitest";
import { createLogReader } from "./internal-json.ts";

const error = `@nix ${JSON.stringify({ action: "msg", level: 0, msg: "\u001b[31;1merror:\u001b[0m no luck" })}`;

it.each([
  ["alone on its line", error],
  [
    "after what a program on the other side had begun to say",
    `warning: the group 'x' does not exist${error}`,
  ],
])("an error of Nix is read %s", (_title, line) => {
  expect(createLogReader()(line)).toEqual({ type: "error", message: "no luck" });
});

it.each(["", "error: no luck", "@nix no JSON", "@nix {"])("%j is no event", (line) => {
  expect(createLogReader()(line)).toBeUndefined();
});
