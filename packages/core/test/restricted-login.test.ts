import { noHosts } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createBuilder,
  type DeploymentRequest,
  deploy,
  evaluateFleet,
  inspectHost,
  openHost,
  type StorePath,
} from "../src/index.ts";
import { run, Site } from "./deploy-user/site.ts";

const { signal } = new AbortController();
let site: Site;

const system = (name: string): StorePath => site.systems[name] as StorePath;
const connection = (changes: object = {}) => ({
  ssh: {
    host: site.host.address,
    hostKey: site.host.hostKey,
    user: "deploy",
    identityFile: site.key("deploy"),
    ...changes,
  },
});
const deployed = (name: string, request: Partial<DeploymentRequest> = {}) =>
  deploy(
    {
      name: "web01",
      connection: connection(),
      toplevel: system(name),
      goal: "switch",
      rollback: {},
      ...request,
    },
    { builder: createBuilder(), signal, onEvent: () => {} },
  );
/** Those paths of a system that are signed with the deployer's key. */
const signedPaths = async (name: string) => {
  const argv = ["nix", "--extra-experimental-features", "nix-command", "path-info", "--recursive", "--sigs"];
  const { text } = await run([...argv, system(name)]);
  return text.split("\n").filter((line) => line.includes("homelab-1:"));
};
const isSigned = async (name: string) =>
  (await signedPaths(name)).some((line) => line.startsWith(system(name)));

describe.skipIf(noHosts)("a login that may only deploy", () => {
  beforeAll(async () => {
    site = await Site.create();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it("inspects the host by the installed guard", async () =>
    expect((await inspectHost("web01", connection(), { signal })).running).toBe(system("one")));

  it("is refused a system that nobody signed, by the host's name and with what to do", async () => {
    await expect(deployed("two")).rejects.toMatchObject({
      code: "copy-failed",
      message: expect.stringMatching(
        /^web01 does not take \/nix\/store\/\S+: no key that it trusts has signed it$/,
      ),
      hint: expect.stringMatching(/signingKey.*homelab\.users\.deploy\.trustedKeys/),
    });
    expect(await isSigned("two")).toBe(false);
  });

  it("is refused a system that another key signed", async () =>
    expect(deployed("two", { signingKeyFile: site.key("wrong-1") })).rejects.toMatchObject({
      code: "copy-failed",
    }));

  it("deploys what its key signs, and signs no more than what it sends", async () => {
    const { outcome, status } = await deployed("two", { signingKeyFile: site.key("homelab-1") });
    expect([outcome, status.running, status.bootDefault]).toEqual([
      "committed",
      system("two"),
      system("two"),
    ]);
    expect(await isSigned("two")).toBe(true);
    const { text } = await run(["nix-store", "--query", "--requisites", system("two")]);
    expect((await signedPaths("two")).length).toBeLessThan(text.trim().split("\n").length);
  });

  it("deploys an earlier system of the host again without any key", async () =>
    expect((await deployed("one")).outcome).toBe("committed"));

  it("deploys in the same way with a sudo password that nobody asks for", async () => {
    const request = { connection: connection({ sudoPassword: "of another host" }), toplevel: system("two") };
    expect((await deployed("two", request)).outcome).toBe("committed");
  });

  it("builds nothing on the host", async () => {
    await using host = openHost("web01", connection());
    const derivation = `${system("two")}.drv` as StorePath;
    await expect(host.realise(derivation, { signal, onOutput: () => {} })).rejects.toMatchObject({
      code: "refused",
      hint: expect.stringContaining("buildOn"),
    });
  });

  it("deploys in the same way with a key that may run other commands, but none of them as root", async () => {
    const source = { file: site.key("default.nix") };
    const { hosts } = await evaluateFleet(source, { names: ["open"] }, { signal });
    const { toplevel = "", derivation } = hosts.open ?? {};
    const signingKeyFile = site.key("homelab-1");
    expect((await deployed("open", { toplevel, derivation, signingKeyFile })).outcome).toBe("committed");
    expect((await site.ssh([], "id -un")).text.trim()).toBe("deploy");
    expect((await deployed("two", { signingKeyFile })).outcome).toBe("committed");
  });

  it("leaves no connection of its own behind", async () =>
    expect(await site.onHost("sh", "-c", "pgrep -u deploy -a || true")).toBe(""));
});
