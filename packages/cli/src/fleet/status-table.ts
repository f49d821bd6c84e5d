import { paint } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import { shortName } from "./short-name.ts";
import type { HostReport } from "./status.ts";

const head = [
  "HOST",
  "TIER",
  "ROLE",
  "RUNNING",
  "BOOTED",
  "WANTED",
  "GENERATION",
  "SINCE",
  "BY",
  "REBOOT",
  "LAST",
];

/** The fleet as a table; what is wrong with single hosts stands below it. */
export function statusTable(reports: readonly HostReport[]): string {
  const troubles = reports.flatMap(({ name, error, evaluationError }) => [
    ...(error === undefined ? [] : [`${named(name, error.message)}\n`]),
    ...(evaluationError === undefined ? [] : [`${name} does not evaluate: ${evaluationError}\n`]),
  ]);
  return [table(head, reports.map(toRow)), ...(troubles.length > 0 ? ["\n", ...troubles] : [])].join("");
}

function named(name: string, message: string): string {
  return message.includes(name) ? message : `${name}: ${message}`;
}

function toRow(report: HostReport): string[] {
  const { name, tier = "-", role = "-", running, booted, generation, since, by, rebootRequired } = report;
  if (running === undefined) {
    return [name, tier, role, paint("bad", "no answer"), "-", wantedOf(report), "-", "-", "-", "-", "-"];
  }
  return [
    ...[name, tier, role, shortName(running, name)],
    booted === undefined ? "-" : booted === running ? "same" : shortName(booted, name),
    wantedOf(report),
    generation === undefined ? "-" : String(generation),
    since === undefined ? "-" : since.slice(0, 16).replace("T", " "),
    by ?? "-",
    rebootRequired ? paint("notable", "pending") : "-",
    lastOf(report),
  ];
}

function wantedOf({ name, wanted, running, behind, evaluationError }: HostReport): string {
  if (evaluationError !== undefined) return paint("bad", "error");
  if (wanted === undefined) return "-";
  if (wanted !== running) return paint("notable", shortName(wanted, name));
  return behind ? paint("notable", "not kept") : paint("good", "same");
}

function lastOf({ lastDeployment }: HostReport): string {
  if (lastDeployment === undefined) return "-";
  const { outcome } = lastDeployment;
  const good = ["committed", "activated", "dry-activated"].includes(outcome);
  return good ? outcome : paint(outcome.startsWith("under way") ? "notable" : "bad", outcome);
}
