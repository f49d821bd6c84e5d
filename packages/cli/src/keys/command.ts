import { homedir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Surroundings } from "../surroundings.ts";
import { generateKey } from "./generate.ts";
import { readKey } from "./key-file.ts";
import { rotateKey } from "./rotate.ts";

/** Adds `keys` to `program`: the keys that sign what is copied to hosts. */
export function addKeysCommand(program: Command, { stdout, stderr, signal }: Surroundings): void {
  const tell = (command: Command, result: object, lines: readonly string[]) => {
    stdout(command.optsWithGlobals().json ? `${JSON.stringify(result)}\n` : `${lines.join("\n")}\n`);
  };
  const keys = program
    .command("keys")
    .description("Make and rotate the key that signs what is copied to hosts.");
  keys
    .command("generate")
    .description("Make a signing key; print its public key, and the line of the NixOS module that trusts it.")
    .option("--name <name>", "name of the key", "homelab-1")
    .addOption(
      new Option("--out <file>", "file for the secret key").default(
        defaultFile(),
        "~/.config/homelab-deploy/signing-key",
      ),
    )
    .option("--force", "replace the file if there is one")
    .action(async ({ name, out, force }, command: Command) => {
      const made = await generateKey(name, out, force === true, signal);
      tell(command, made, [made.publicKey, moduleLine(made.publicKey)]);
      stderr(
        `The secret key is in ${out}. Give it to Pulumi: pulumi config set --secret nixos:signingKey < ${out}\n`,
      );
    });
  keys
    .command("public")
    .description("Print the public key of a secret one.")
    .argument("<file>", "file of the secret key")
    .action(async (file, _options, command: Command) => {
      const { name, publicKey } = await readKey(file, signal);
      tell(command, { name, publicKey }, [publicKey]);
    });
  keys
    .command("rotate")
    .description(
      "Replace a signing key by a new one, and print the steps in which no host refuses a deployment.",
    )
    .argument("<file>", "file of the secret key; the old one is kept beside it")
    .action(async (file, _options, command: Command) => {
      const rotated = await rotateKey(file, signal);
      const steps = rotated.steps.map((step, index) => `${index + 1}. ${step}`);
      tell(command, rotated, [rotated.old.publicKey, rotated.new.publicKey, "", ...steps]);
      stderr(`The new secret key is in ${file}, the old one in ${rotated.old.file}.\n`);
    });
}

function defaultFile(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), ".config"), "homelab-deploy/signing-key");
}

function moduleLine(publicKey: string): string {
  return `homelab.users.deploy.trustedKeys = [ "${publicKey}" ];`;
}
