import type { HostReport } from "./status.ts";

type Labels = Readonly<Record<string, string | undefined>>;
interface Sample {
  readonly labels: Labels;
  readonly value: number | undefined;
}

/** The fleet in the text format of Prometheus. What is not known of a host has no sample. */
export function metricsText(reports: readonly HostReport[]): string {
  const gauge = (name: string, help: string, value: (report: HostReport) => number | boolean | undefined) => {
    const samples = reports.map((report) => ({ labels: labelsOf(report), value: toNumber(value(report)) }));
    return family(`homelab_host_${name}`, help, samples);
  };
  return [
    gauge("up", "Whether the host answered.", ({ running }) => running !== undefined),
    gauge("generation", "Current generation of the system profile.", (host) => host.generation),
    gauge("boot_generation", "Generation that is booted next.", (host) => host.bootGeneration),
    gauge("evaluates", "Whether the host's configuration evaluates.", evaluates),
    gauge("behind_wanted", "Whether the host is not as its configuration wants it.", (host) => host.behind),
    gauge(
      "reboot_pending",
      "Whether kernel, initrd, modules or systemd need a reboot.",
      (host) => host.rebootRequired,
    ),
    gauge("failed_units", "Units that have failed.", (host) => host.failedUnits?.length),
    family(
      "homelab_host_last_deployment_timestamp_seconds",
      "When the newest deployment began, by how it ended.",
      reports.map((report) => ({
        labels: { ...labelsOf(report), outcome: report.lastDeployment?.outcome },
        value: report.lastDeployment && Date.parse(report.lastDeployment.since) / 1000,
      })),
    ),
  ].join("");
}

function labelsOf({ name: host, tier, role }: HostReport): Labels {
  return { host, tier, role };
}

function evaluates({ wanted, evaluationError }: HostReport): boolean | undefined {
  if (evaluationError !== undefined) return false;
  return wanted === undefined ? undefined : true;
}

function toNumber(value: number | boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function family(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples
    .filter(({ value }) => value !== undefined)
    .map(({ labels, value }) => `${name}{${render(labels)}} ${value}\n`);
  return lines.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function render(labels: Labels): string {
  return Object.entries(labels)
    .filter(([, value]) => value !== undefined)
    .map(([name, value = ""]) => `${name}="${escapeLabel(value)}"`)
    .join(",");
}

// Prometheus, "Text format details".
function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
