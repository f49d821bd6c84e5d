import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.ts";

const parse = (text: string) => parseConfig(text, "lab.yaml");

describe("homelab-deploy.yaml", () => {
  it("may be empty", () => expect([parse(""), parse("# nothing\n")]).toEqual([{}, {}]));

  it.each([
    ["flaek: .", "lab.yaml:1: flaek: there is no such key; is flake meant?"],
    [
      "flake: .\n\nconnection:\n  ssh:\n    userr: a",
      "lab.yaml:5: connection.ssh.userr: there is no such key; is user meant?",
    ],
    ["hosts:\n  web01: { prot: 22 }", "lab.yaml:2: hosts.web01.prot: there is no such key; is port meant?"],
    [
      "hosts:\n  web01:\n    sudoPassword: x",
      "lab.yaml:3: hosts.web01.sudoPassword: there is no such key; there are: host, port",
    ],
    ["xyz: 1", "lab.yaml:1: xyz: there is no such key; there are: flake, file,"],
    ["flake: .\ntier: 3", "lab.yaml:2: tier: Invalid input: expected string, received number: 3"],
    [
      "hosts:\n  web01:\n    port: 70000",
      "lab.yaml:3: hosts.web01.port: Too big: expected number to be <=65535: 70000",
    ],
    ["hosts:\n  'a b': {}", 'lab.yaml:2: hosts.a b: not a host name: "a b"'],
    ["flake: -x", 'lab.yaml:1: flake: not a flake reference without "#": "-x"'],
    ["commands:\n  apply:\n    goal: { a: 1 }", "lab.yaml:3: commands.apply.goal: not the value of a flag"],
    ["flake: .\nflake: ..", "lab.yaml:2: Map keys must be unique"],
    ["- a", "lab.yaml:1: Invalid input: expected object, received array"],
  ])("%j: says line, path and value", (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: "invalid-input", message: expect.stringContaining(message) }),
    );
  });

  it("shows no value of a key that it does not know", () =>
    expect(() => parse("hosts: { web01: { sudoPassword: hunter2 } }")).toThrow(/^(?!.*hunter2)/));
});
