import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostInfo, noHosts, Project, startNatsServer } from "@homelab-deploy/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { bundleCommand } from "../../cli/build.ts";
import { makeCertificate } from "../../cli/test/support/certificate.ts";
import { runCli } from "../../cli/test/support/run-cli.ts";
import { fleetProgram, reaching, typeScriptProject } from "./support/homelab.ts";
import { mustRun } from "./support/stack.ts";
import { useHosts } from "./support/use-hosts.ts";

const checkout = join(import.meta.dirname, "../../..");
const page = readFileSync(join(checkout, "docs/nats.md"), "utf8");
const place = "/opt/homelab-deploy";
const path = "/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/** The blocks of the page in one language. */
const blocks = (language: string) =>
  [...page.matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, found, text = ""]) =>
    found === language ? [text] : [],
  );
/** `text` with each of `changes`, which it has to have. */
function changed(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((result, [from, to]) => {
    expect(result).toContain(from);
    return result.replaceAll(from, to);
  }, text);
}

describe.skipIf(noHosts)("docs/nats.md, followed", () => {
  const { bed, hosts, marker } = useHosts("web01");
  const directory = mkdtempSync(join(tmpdir(), "homelab-nats-page-"));
  const file = (name: string) => join(directory, name);
  const up = ["up", "--yes", "--skip-preview"] as const;
  const must = async (...args: string[]) => {
    const { status, stdout, stderr } = await runCli(...args);
    expect(status, stderr).toBe(0);
    return stdout;
  };
  let undo: AsyncDisposableStack;

  beforeAll(() => {
    undo = new AsyncDisposableStack();
  });
  afterAll(async () => {
    await undo.disposeAsync();
    rmSync(directory, { recursive: true });
  });

  it("leads from nothing to an update over NATS", async () => {
    const [host] = hosts() as [HostInfo];
    const { gateway } = host;
    makeCertificate(directory, "ca", undefined, gateway);
    makeCertificate(directory, "server", "ca", gateway);
    const server = undo.use(await startNatsServer({ address: gateway }));
    const url = `tls://${gateway}:${server.port}`;
    const [description = "", stackConfig = ""] = blocks("yaml");
    const [, hostModule = ""] = blocks("nix");

    writeFileSync(
      file("nats.yaml"),
      changed(description, {
        "0.0.0.0:4222": `${gateway}:${server.port}`,
        "/var/lib/nats/server": file("server"),
        "/var/lib/nats/jetstream": join(server.directory, "jetstream"),
      }),
    );
    const config = await must("nats-config", file("nats.yaml"), "--generate-keys", file("keys"));
    await server.stop();
    await server.start(config);
    const login = ["--nats-url", url, "--tls-ca-file", file("ca.crt"), "--nkey-file"];
    const asCi = [...login, file("keys/deployers/ci.nkey")];
    await must("nats-config", "apply", file("nats.yaml"), ...login, file("keys/admins/alice.nkey"));

    const publicKey = (await must("keys", "generate", "--out", file("signing.key"))).trim();
    await bundleCommand(file("homelab-deploy.mjs"));
    await bed().put("web01", process.execPath, `${place}/node`);
    await bed().put("web01", file("homelab-deploy.mjs"), `${place}/homelab-deploy.mjs`);
    await bed().put("web01", file("keys/hosts/web01.nkey"), "/run/secrets/homelab-deploy-nkey");
    const module = changed(hostModule, {
      "tls://nats.lan:4222": url,
      "homelab-1:…": publicKey,
    });
    const fleet = (text: string) => `let
      lib = import ${checkout}/packages/testbed/nixpkgs/lib;
      homelab-deploy.nixosModules.default = ${checkout}/nix/modules;
      # What a test host lacks: a package of the command with its Node, a certificate of an authority.
      own = { pkgs, lib, ... }: {
        networking.hostName = "web01";
        services.openssh.enable = true;
        boot.loader.systemd-boot.enable = true;
        system.stateVersion = "25.05";
        environment.etc.marker.text = "${text}";
        services.homelab-deploy.listener.tlsCaFile = ${file("ca.crt")};
        services.homelab-deploy.listener.package = pkgs.writeScriptBin "homelab-deploy" ''
          #!/bin/sh
          exec ${place}/node ${place}/homelab-deploy.mjs "$@"
        '';
        systemd.services.homelab-deploy-listener.environment.PATH = lib.mkForce "${path}";
      };
    in { web01 = lib.nixosSystem { system = "x86_64-linux"; modules = [ own ${module} ]; }; }`;
    const common = {
      "homelab:file": "homelab.nix",
      "nixos:signingKey": readFileSync(file("signing.key"), "utf8"),
    };
    const project = undo.use(
      await Project.create({
        files: { ...typeScriptProject(fleetProgram), "homelab.nix": fleet("over SSH") },
        stack: "prod",
        config: { ...common, ...reaching(hosts()) },
      }),
    );
    await mustRun(project, [...up]);
    const listening = async () => JSON.parse(await must("hosts", ...asCi, "--json"));
    await expect
      .poll(listening, { timeout: 60_000 })
      .toEqual([expect.objectContaining({ hostname: "web01", tier: "prod", role: "web" })]);

    const nats = changed(stackConfig, {
      "tls://nats.lan:4222": url,
      "nkeyFile: keys": `tls: { caFile: ${file("ca.crt")} }, nkeyFile: ${file("keys")}`,
    });
    await project.configure({ ...common, ...parse(nats).config });
    await project.write({ "homelab.nix": fleet("over NATS") });
    await bed().exec("web01", ["sh", "-c", "systemctl stop sshd.socket sshd.service; true"]);
    await mustRun(project, [...up]);
    expect(await marker("web01")).toBe("over NATS");
    const [deployment] = JSON.parse(await must("history", "--fleet", ...asCi, "--json"));
    expect(deployment).toMatchObject({ host: "web01", tier: "prod", outcome: "committed" });
  });
});
