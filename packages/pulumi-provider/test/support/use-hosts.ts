import { type HostInfo, type Testbed, temporaryTestbed } from "@homelab-deploy/testbed";
import { afterAll, afterEach, beforeAll } from "vitest";

/** Real hosts for the tests of a `describe`, all switched on again after each test. */
export function useHosts(...names: readonly string[]) {
  let bed: Testbed | undefined;
  let hosts: readonly HostInfo[] = [];
  const testbed = () => {
    if (bed === undefined) throw new Error("the hosts are not there yet");
    return bed;
  };
  beforeAll(async () => {
    bed = await temporaryTestbed();
    hosts = await bed.up(names);
  });
  afterAll(() => bed?.down());
  afterEach(() => testbed().up(names));
  return {
    bed: testbed,
    /** The hosts of these names; all when none is named. */
    hosts: (...only: readonly string[]) =>
      hosts.filter(({ name }) => only.length === 0 || only.includes(name)),
    /** What the deployed system put into /etc/marker. */
    marker: async (name: string) => (await testbed().exec(name, ["cat", "/etc/marker"])).stdout,
  };
}
