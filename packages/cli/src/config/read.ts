import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DeployError } from "@homelab-deploy/core";
import { parseConfig } from "./parse.ts";
import type { Config } from "./schema.ts";

const fileName = "homelab-deploy.yaml";

export interface ConfigFile {
  /** Its name; empty without one. */
  readonly file: string;
  readonly config: Config;
}

/**
 * What the configuration file says: that of `given`, or else the first one in `directory` and those above it. Relative
 * files in it are beside it. Without any, nothing is said.
 */
export async function readConfig(given: string | undefined, directory: string): Promise<ConfigFile> {
  const file = given ?? (await find(directory));
  if (file === undefined) return { file: "", config: {} };
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw new DeployError("invalid-input", `${file}: ${reason}`, { cause: error });
  });
  return { file, config: besideFile(parseConfig(text, file), dirname(resolve(file))) };
}

async function find(directory: string): Promise<string | undefined> {
  const file = join(directory, fileName);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) {
    const above = dirname(directory);
    return above === directory ? undefined : find(above);
  }
  // It says what is deployed with this user's keys: in /tmp, everybody could say that.
  if (found.uid === 0 || found.uid === process.getuid?.()) return file;
  throw new DeployError("invalid-input", `${file} belongs to another user`, {
    hint: `Name it to take it all the same: --config ${file}`,
  });
}

function besideFile(config: Config, directory: string): Config {
  const path = (text: string) =>
    text.startsWith("~/") ? join(homedir(), text.slice(2)) : resolve(directory, text);
  const reference = (text: string) => {
    const [, scheme = "", local] = /^(path:|git\+file:)?(\.{1,2}(?:\/.*)?)$/.exec(text) ?? [];
    return local === undefined ? text : `${scheme}${resolve(directory, local)}`;
  };
  const place = (key: string, value: unknown): unknown => {
    if (typeof value === "string" && (key === "file" || key.endsWith("File"))) return path(value);
    if (typeof value === "string" && key === "flake") return reference(value);
    if (key === "overrideInputs") return inside(value, (_key, input) => reference(String(input)));
    return inside(value, place);
  };
  return inside(config, place) as Config;
}

function inside(value: unknown, change: (key: string, value: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, change(key, one)]));
}
