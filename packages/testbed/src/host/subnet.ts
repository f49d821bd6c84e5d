import { createHash } from "node:crypto";
import { z } from "zod";
import { run } from "../process.ts";

/** The network of one testbed: 10.233.<number>.0/24, with a bridge that is this machine's address in it. */
export interface Subnet {
  readonly number: number;
}

const COUNT = 254;
const Links = z.array(z.object({ ifname: z.string() }));
const Routes = z.array(z.object({ dst: z.string() }));

export function bridgeName({ number }: Subnet): string {
  return `hd${number}-br`;
}

/** The machine's end of the cable of the host with this index. */
export function linkName({ number }: Subnet, index: number): string {
  return `hd${number}-${index}`;
}

/** The address of the host with this index, without prefix length. The machine itself is 1; hosts start at 11. */
export function hostAddress({ number }: Subnet, index: number): string {
  return `10.233.${number}.${index + 10}`;
}

export function gatewayAddress({ number }: Subnet): string {
  return `10.233.${number}.1`;
}

/** A fixed one for each host, so that nobody's neighbour table is wrong after a boot. */
export function hardwareAddress({ number }: Subnet, index: number): string {
  return ["02", "68", "64", "00", hexByte(number), hexByte(index)].join(":");
}

/** Makes the bridge of a subnet that nothing on this machine uses. `seed` spreads testbeds over the numbers. */
export async function createSubnet(seed: string, signal?: AbortSignal): Promise<Subnet> {
  const taken = await numbersInUse(signal);
  const first = createHash("sha256").update(seed).digest().readUInt16BE(0);
  for (let offset = 0; offset < COUNT; offset++) {
    const subnet = { number: ((first + offset) % COUNT) + 1 };
    if (!taken.has(subnet.number)) {
      await createBridge(subnet, signal);
      return subnet;
    }
  }
  throw new Error("no free network: all of 10.233.1.0/24 to 10.233.254.0/24 are in use; take a testbed down");
}

/** Makes the bridge where it is missing, as after a reboot of this machine. */
export async function ensureBridge(subnet: Subnet, signal?: AbortSignal): Promise<void> {
  const links = Links.parse(JSON.parse(await run(["ip", "-json", "link", "show"], { signal })));
  if (!links.some(({ ifname }) => ifname === bridgeName(subnet))) await createBridge(subnet, signal);
}

export async function deleteBridge(subnet: Subnet): Promise<void> {
  await run(["ip", "link", "delete", bridgeName(subnet)]).catch((error: Error) => {
    if (!error.message.includes("Cannot find device")) throw error;
  });
}

async function createBridge(subnet: Subnet, signal?: AbortSignal): Promise<void> {
  const bridge = bridgeName(subnet);
  await run(["ip", "link", "add", bridge, "address", hardwareAddress(subnet, 0), "type", "bridge"], {
    signal,
  });
  await run(["ip", "address", "add", `${gatewayAddress(subnet)}/24`, "dev", bridge], { signal });
  await run(["ip", "link", "set", bridge, "up"], { signal });
}

async function numbersInUse(signal?: AbortSignal): Promise<Set<number>> {
  const [links, routes] = await Promise.all([
    run(["ip", "-json", "link", "show"], { signal }),
    run(["ip", "-json", "route", "show", "table", "all"], { signal }),
  ]);
  const names = Links.parse(JSON.parse(links)).map(({ ifname }) => /^hd(\d+)-/.exec(ifname)?.[1]);
  const destinations = Routes.parse(JSON.parse(routes)).map(({ dst }) => /^10\.233\.(\d+)\./.exec(dst)?.[1]);
  return new Set([...names, ...destinations].filter((number) => number !== undefined).map(Number));
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
