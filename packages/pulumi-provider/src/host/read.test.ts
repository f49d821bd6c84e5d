import { describe, expect, it } from "vitest";
import { createCall, createMemoryHosts, status, toplevel } from "../../test/support/memory-hosts.ts";
import type { Properties } from "../values.ts";
import { readHost } from "./read.ts";

const wanted = toplevel(1);
const other = toplevel(2);
const inputs: Properties = {
  attribute: "web01",
  goal: "switch",
  toplevel: wanted,
  derivation: `${wanted}.drv`,
  tier: "prod",
};
const outputs: Properties = { ...inputs, system: wanted, outcome: "committed" };
const address = { stack: "test", project: "demo", name: "web01" };

function read(
  hosts: Parameters<typeof createMemoryHosts>[0],
  request: { inputs?: Properties; outputs?: Properties; id?: string },
) {
  const { deployer } = createMemoryHosts(hosts);
  const call = createCall();
  const context = { deployer, config: {}, identityFile: () => undefined };
  const result = readHost(
    { address, id: "web01", inputs: undefined, outputs: undefined, ...request },
    context,
    call,
  );
  return { result, lines: call.lines };
}

describe("refresh of a host", () => {
  it("changes nothing when the host is as wanted", async () => {
    const { result } = read({ web01: status({ running: wanted }) }, { inputs, outputs });
    expect(await result).toMatchObject({
      id: "web01",
      inputs,
      outputs: { system: wanted, outcome: "committed" },
    });
  });

  it.each([
    ["runs something else", status({ running: other, profile: wanted, bootDefault: wanted })],
    ["has another profile", status({ running: wanted, profile: other, bootDefault: wanted })],
    ["boots something else", status({ running: wanted, bootDefault: other })],
  ])("returns the toplevel that differs when the host %s", async (_title, host) => {
    const { derivation: _derivation, ...others } = inputs;
    expect((await read({ web01: host }, { inputs, outputs }).result).inputs).toEqual({
      ...others,
      toplevel: other,
    });
  });

  it("does not mind what a host runs that is only to boot the system", async () => {
    const host = status({ running: other, profile: wanted, bootDefault: wanted });
    const boot = { ...inputs, goal: "boot" };
    expect((await read({ web01: host }, { inputs: boot, outputs }).result).inputs).toEqual(boot);
  });

  it("keeps the state of a host that does not answer, and says so", async () => {
    const { result, lines } = read({}, { inputs, outputs });
    expect(await result).toEqual({ id: "web01", inputs, outputs });
    expect(lines).toEqual(["warning: the state of web01 is kept as it was last seen: web01 does not answer"]);
  });

  it.each([
    ["has got its system", wanted, "committed"],
    ["has not", other, "pending"],
  ])("tells of a host that was off when it %s", async (_title, running, outcome) => {
    const { result } = read(
      { web01: status({ running }) },
      { inputs, outputs: { ...outputs, outcome: "pending" } },
    );
    expect((await result).outputs).toMatchObject({ system: running, outcome });
  });

  it("tells which units have failed", async () => {
    const { result, lines } = read(
      { web01: status({ running: wanted, failedUnits: ["nginx.service"] }) },
      { inputs, outputs },
    );
    await result;
    expect(lines).toEqual(["warning: failed units on web01: nginx.service"]);
  });
});

describe("import of a host", () => {
  it("takes the toplevel that runs", async () => {
    const {
      id,
      inputs: imported,
      outputs: state,
    } = await read({ web01: status({ running: other }) }, {}).result;
    expect(id).toBe("web01");
    expect(imported).toEqual({ attribute: "web01", goal: "switch", toplevel: other });
    expect(state).toMatchObject({ system: other, generation: 7 });
  });

  it("fails when the host does not answer", () =>
    expect(read({}, {}).result).rejects.toThrow("web01 does not answer"));

  it("refuses an id that is no host name", () =>
    expect(read({}, { id: "-oProxyCommand=id" }).result).rejects.toThrow(/not the name of a host/));
});
