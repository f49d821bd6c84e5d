import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";

const checkout = join(import.meta.dirname, "../../../..");

const value = z.union([z.string(), z.number(), z.boolean().transform((on) => (on ? "yes" : "no"))]);
const unitSchema = z.object({
  environment: z.object({ HOME: z.string() }),
  serviceConfig: z.record(z.string(), z.union([value.transform((one) => [one]), z.array(value)])),
});

/** Lines of a unit that confine it as the NixOS module confines the listener, which finds its key in `nkeyFile`. */
export function confinement(nkeyFile: string): string[] {
  const expression = `
    let
      lib = import ${checkout}/packages/testbed/nixpkgs/lib;
      module = { pkgs, ... }: {
        services.homelab-deploy.listener = {
          enable = true;
          tier = "test";
          natsUrl = "nats://nats.example.com:4222";
          nkeyFile = "${nkeyFile}";
          flakeUrl = "git+file:///srv/configs";
          package = pkgs.busybox;
        };
      };
      host = lib.nixosSystem { system = "x86_64-linux"; modules = [ ${checkout}/nix/modules module ]; };
      unit = host.config.systemd.services.homelab-deploy-listener;
    in { serviceConfig = removeAttrs unit.serviceConfig [ "ExecStart" ]; inherit (unit) environment; }`;
  const argv = ["--eval", "--strict", "--json", "--expr", expression];
  const unit = unitSchema.parse(JSON.parse(execFileSync("nix-instantiate", argv, { encoding: "utf8" })));
  return [
    `Environment=HOME=${unit.environment.HOME}`,
    ...Object.entries(unit.serviceConfig).flatMap(([key, values]) => values.map((one) => `${key}=${one}`)),
  ];
}
