import { z } from "zod";
import { addressSchema } from "./connection.ts";
import { durationSchema, toMilliseconds } from "./duration.ts";
import { sizeSchema, toBytes } from "./size.ts";

const controlCharacter = /\p{Cc}/u;
const unitPattern =
  /^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*\.(?:service|socket|target|timer|mount|path|automount|swap|slice|scope|device)$/;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const refuse = (what: string) => ({
  error: (issue: { input?: unknown }) => `not ${what}: ${JSON.stringify(issue.input)}`,
});

/** Which machine a check looks from. */
export const checkSideSchema = z.enum(["host", "controller"]);

export const systemdCheckSchema = z.strictObject({
  units: z
    .array(z.string().max(255).regex(unitPattern, refuse("the full name of a unit, such as nginx.service")))
    .min(1)
    .describe(
      "Units that must be active, such as `nginx.service`. One that is starting, or waits for its next start, is not.",
    ),
});

export const tcpCheckSchema = z
  .strictObject({
    port: z.int().min(1).max(65535).describe("TCP port on which something must listen."),
    from: checkSideSchema
      .optional()
      .describe("`host`: something listens there. `controller`: it can be connected to. Default: `host`."),
    host: addressSchema
      .optional()
      .describe("Where the controller connects to. Default: the address of the host."),
  })
  .refine(({ from, host }) => host === undefined || from === "controller", {
    path: ["host"],
    error: 'only a check from the controller connects anywhere: set from to "controller"',
  });

export const diskCheckSchema = z.strictObject({
  path: z
    .string()
    .max(1000)
    .regex(/^\/[^\p{Cc}]*$/u, refuse("an absolute path"))
    .optional()
    .describe("A path in the file system that is meant. Default: `/`."),
  free: sizeSchema.describe("What must be free at least, such as `1GiB`."),
});

const statusSchema = z.int().min(100).max(599);

export const httpCheckSchema = z.strictObject({
  url: z
    .string()
    .max(2000)
    .refine(isHttpUrl, refuse("an http or https URL without user and password"))
    .describe("Asked for from the controller with GET. A redirect is an answer, and is not followed."),
  status: z
    .union([statusSchema, z.array(statusSchema).min(1)], refuse("an HTTP status, or a list of them"))
    .optional()
    .describe("The status that it must answer, or a list of them. Default: 200."),
  body: z.string().min(1).optional().describe("Text that must be in the first MiB of the answer."),
});

export const commandCheckSchema = z.strictObject({
  run: z
    .string()
    .max(4000)
    .refine((line) => line.trim() !== "" && !controlCharacter.test(line), refuse("one line of sh"))
    .describe("One line for sh that must end with exit status 0."),
  on: checkSideSchema
    .optional()
    .describe(
      "Where it runs: as root on the host, or on the controller with `HOMELAB_HOST` and so on as hooks have them. Default: `host`.",
    ),
});

const kinds = ["systemd", "tcp", "disk", "http", "command"] as const;

/** What must hold before a deployment is kept. Exactly one of the kinds is given. */
export const healthCheckSchema = z
  .strictObject({
    name: z
      .string()
      .regex(namePattern, refuse('a name of letters, digits, "_", "." and "-", 64 at most'))
      .optional()
      .describe(
        "How messages call it. Default: made from what it looks at, and shown even if that is a secret.",
      ),
    systemd: systemdCheckSchema.optional().describe("Units are active on the host."),
    tcp: tcpCheckSchema.optional().describe("Something listens on a TCP port."),
    disk: diskCheckSchema.optional().describe("A file system of the host has space."),
    http: httpCheckSchema.optional().describe("A URL answers, seen from the controller."),
    command: commandCheckSchema.optional().describe("A command ends well."),
    grace: durationSchema.optional().describe("Wait before the first attempt. Default: `0s`."),
    interval: durationSchema.optional().describe("Wait between two attempts. Default: `2s`."),
    timeout: durationSchema.optional().describe("How long one attempt may take. Default: `10s`."),
    retries: z.int().min(0).max(1000).optional().describe("How many more attempts there are. Default: 5."),
  })
  .refine((check) => kinds.filter((kind) => check[kind] !== undefined).length === 1, {
    error: `a health check is exactly one of ${kinds.join(", ")}`,
  });

export type HealthCheck = z.infer<typeof healthCheckSchema>;

/** How messages call a check: the name it was given, or what it looks at. */
export function checkName({ name, systemd, tcp, disk, http, command }: HealthCheck): string {
  if (name !== undefined) return name;
  if (systemd !== undefined) return `systemd ${systemd.units.join(" ")}`;
  if (tcp !== undefined) return `tcp ${tcp.host === undefined ? "" : `${tcp.host} `}${tcp.port}`;
  if (disk !== undefined) return `disk ${disk.path ?? "/"}`;
  if (http !== undefined) return `http ${http.url}`;
  return `command ${command?.run}`;
}

/** Whether the host itself runs the check; the controller runs all others. */
export function runsOnHost({ systemd, tcp, disk, command }: HealthCheck): boolean {
  if (tcp !== undefined) return tcp.from !== "controller";
  if (command !== undefined) return command.on !== "controller";
  return systemd !== undefined || disk !== undefined;
}

/** The limits of a check, defaults filled in; times in milliseconds. */
export function checkLimits(check: HealthCheck) {
  return {
    grace: toMilliseconds(check.grace ?? "0s"),
    interval: toMilliseconds(check.interval ?? "2s"),
    timeout: toMilliseconds(check.timeout ?? "10s"),
    retries: check.retries ?? 5,
  };
}

/**
 * A check that runs on the host as a line of the guard's request, without its end. Times become whole seconds, rounded
 * up.
 */
export function encodeCheck(check: HealthCheck): string {
  const { grace, interval, timeout, retries } = checkLimits(check);
  const seconds = (milliseconds: number) => Math.ceil(milliseconds / 1000);
  const name = checkName(check)
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .slice(0, 64);
  const [type, argument] = typeAndArgument(check);
  const limits = [seconds(grace), seconds(interval), Math.max(1, seconds(timeout)), retries];
  const line = `check=${name} ${type} ${limits.join(" ")} ${argument.replace(/\p{Cc}/gu, " ")}`;
  // A shell that splits at "=" takes the last one of a line away.
  return line.endsWith("=") ? `${line} ` : line;
}

function typeAndArgument({ systemd, tcp, disk, command }: HealthCheck): [string, string] {
  if (systemd !== undefined) return ["systemd", systemd.units.join(" ")];
  if (tcp !== undefined) return ["tcp", String(tcp.port)];
  if (disk !== undefined) return ["disk", `${toBytes(disk.free)} ${disk.path ?? "/"}`];
  return ["command", command?.run ?? ""];
}

function isHttpUrl(text: string): boolean {
  if (controlCharacter.test(text) || !/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === "" && password === "";
}
