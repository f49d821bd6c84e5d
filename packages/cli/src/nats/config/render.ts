import { toBytes } from "@homelab-deploy/core";
import type { Description } from "./description.ts";
import { jetstreamPrefix, permissionsOf } from "./permissions.ts";
import type { User } from "./users.ts";

// What is asked of a host may be answered for that long, in that many messages: a deployment with all that it tells.
const answerTime = "2h";
const answerCount = 1_000_000;

/** The configuration of a NATS server, as nats-server reads it. */
export function renderConfig({ listen, tls, jetstream }: Description, users: readonly User[]): string {
  const tiers = [...new Set(users.flatMap((user) => (user.kind === "admin" ? [] : [user.tier])))].sort();
  const admins = users.filter(({ kind }) => kind === "admin");
  const accounts = tiers.map((tier) => {
    const members = users.filter((user) => user.kind !== "admin" && user.tier === tier);
    return tierAccount(tier, members, admins.length > 0, jetstream !== undefined);
  });
  if (admins.length > 0) accounts.push(adminAccount(tiers, admins, jetstream !== undefined));
  return [
    "# Made by homelab-deploy nats-config. It holds public keys only.",
    `listen: ${quote(listen)}`,
    ...(tls === undefined
      ? ["# No TLS: requests and closures can be read and changed by whoever is between."]
      : block("tls", [
          `cert_file: ${quote(tls.certFile)}`,
          `key_file: ${quote(tls.keyFile)}`,
          ...(tls.caFile === undefined ? [] : [`ca_file: ${quote(tls.caFile)}`, "verify: true"]),
        ])),
    ...(jetstream === undefined
      ? ["# No JetStream: closures come by a binary cache, and hosts that are off are not waited for."]
      : block("jetstream", [
          `store_dir: ${quote(jetstream.directory)}`,
          ...(jetstream.maxStorage === undefined ? [] : [`max_file_store: ${toBytes(jetstream.maxStorage)}`]),
        ])),
    "",
    "# One account for each tier. Subjects of one account do not exist in another: no key of a tier reaches a host of",
    "# another one, whatever it publishes to, subscribes to, or has JetStream or a listener answer to.",
    ...block("accounts", accounts.flat()),
    "",
  ].join("\n");
}

function tierAccount(tier: string, users: readonly User[], admins: boolean, jetstream: boolean): string[] {
  const service = (subject: string) =>
    // Hosts may be silent for long while they build.
    `{ service: ${quote(subject)}, response_type: stream, response_threshold: "${answerTime}", accounts: [${adminName}] }`;
  const stream = (subject: string) => `{ stream: ${quote(subject)}, accounts: [${adminName}] }`;
  return block(accountName(tier), [
    ...(jetstream ? ["jetstream: enabled"] : []),
    ...list("users", users.flatMap(renderUser)),
    ...(admins
      ? list("exports", [
          ...sharedServices(tier).map(service),
          ...(jetstream ? [service("$JS.API.>")] : []),
          ...sharedStreams(tier).map(stream),
        ])
      : []),
  ]);
}

function adminAccount(tiers: readonly string[], admins: readonly User[], jetstream: boolean): string[] {
  const from = (tier: string, subject: string) =>
    `{ account: ${accountName(tier)}, subject: ${quote(subject)} }`;
  return [
    "# Admins deploy to every tier, and make the stores of each.",
    ...block(adminName, [
      ...list("users", admins.flatMap(renderUser)),
      ...list(
        "imports",
        tiers.flatMap((tier) => [
          ...sharedServices(tier).map((subject) => `{ service: ${from(tier, subject)} }`),
          ...(jetstream
            ? [`{ service: ${from(tier, "$JS.API.>")}, to: ${quote(`${jetstreamPrefix(tier)}.>`)} }`]
            : []),
          ...sharedStreams(tier).map((subject) => `{ stream: ${from(tier, subject)} }`),
        ]),
      ),
    ]),
  ];
}

const adminName = quote("admins");

function accountName(tier: string): string {
  return quote(`tier-${tier}`);
}

function sharedServices(tier: string): string[] {
  return ["deploy.discover", `deploy.${tier}.>`, `homelab.v1.${tier}.*.*`, "$SRV.>"];
}

function sharedStreams(tier: string): string[] {
  return ["deploy.responses.>", `homelab.v1.${tier}.*.events.>`];
}

function renderUser(user: User): string[] {
  const { publish, subscribe, deaf, answers } = permissionsOf(user);
  const role = user.kind === "host" && user.role !== undefined ? `, role ${user.role}` : "";
  return [
    `# ${user.kind} ${user.name}${role}`,
    "{",
    ...indent([
      `nkey: ${user.key}`,
      ...block("permissions", [
        ...list("publish", publish.map(quote)),
        ...(deaf.length === 0
          ? list("subscribe", subscribe.map(quote))
          : block("subscribe", [...list("allow", subscribe.map(quote)), ...list("deny", deaf.map(quote))])),
        ...(answers ? [`allow_responses: { max: ${answerCount}, expires: "${answerTime}" }`] : []),
      ]),
    ]),
    "}",
  ];
}

function block(name: string, lines: readonly string[]): string[] {
  return [`${name} {`, ...indent(lines), "}"];
}

function list(name: string, lines: readonly string[]): string[] {
  return [`${name}: [`, ...indent(lines), "]"];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

// Everything that is quoted has a grammar without quotes and backslashes.
function quote(text: string): string {
  return `"${text}"`;
}
