import type { HostInputs } from "../definitions/host.ts";
import type { Call } from "../service.ts";

const shownLines = 15;

/** In a preview: says on the host's row, for good, that the host does not evaluate and why. */
export function warnOfEvaluationError(host: string, inputs: Partial<HostInputs>, { log }: Call): void {
  if (inputs.evaluationError === undefined) return;
  const lines = inputs.evaluationError.split("\n");
  const shown = lines.length > shownLines ? [...lines.slice(0, shownLines), "…"] : lines;
  log("warning", `${host} does not evaluate, so that an update leaves it as it is: ${shown.join("\n")}`);
}
