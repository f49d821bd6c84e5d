import { z } from "zod";
import { requireProtocol } from "../activation/features.ts";
import { guardScript, guardStorePath } from "../activation/guard.ts";
import { parseAnswer } from "../activation/protocol.ts";
import { DeployError } from "../errors.ts";
import { type HostStatus, hostStatusSchema } from "../model/host-status.ts";
import type { Carrier, ExecOptions } from "./carrier.ts";

// Where the NixOS module puts it; what the login's sudo rule names.
const installedGuard = "/run/current-system/sw/bin/homelab-activate";
const minute = 60_000;

/**
 * Runs the guard on a host: this program's own, sent along, where the login is or becomes root; the installed one for a
 * login that may do nothing else. Which one is found out once, by asking.
 */
export class GuardAccess {
  readonly #name: string;
  readonly #carrier: Carrier;
  /** Undefined: not known yet. */
  #restricted: boolean | undefined;

  constructor(name: string, carrier: Carrier) {
    this.#name = name;
    this.#carrier = carrier;
    if (!carrier.mayBeRestricted) this.#restricted = false;
  }

  async inspect(signal: AbortSignal): Promise<HostStatus> {
    const answer = await this.#inspect(signal);
    requireProtocol(this.#name, parseAnswer(this.#name, answer, z.object({ guard: z.number() })));
    return parseAnswer(this.#name, answer, hostStatusSchema);
  }

  /** Runs the verb `args[0]`; throws `refused` when this login can run no guard. */
  async call(
    args: readonly string[],
    options: Partial<ExecOptions> & Pick<ExecOptions, "signal">,
  ): Promise<string> {
    if (await this.isRestricted(options.signal)) return this.#callInstalled(args, options);
    const guard = await guardStorePath(options.signal);
    return this.#carrier.exec(["sh", guard, ...args], { timeout: minute, ...options });
  }

  /** Whether the login can run nothing but the installed guard. */
  async isRestricted(signal: AbortSignal): Promise<boolean> {
    if (this.#restricted === undefined) await this.#inspect(signal);
    return this.#restricted === true;
  }

  async #inspect(signal: AbortSignal): Promise<string> {
    if (this.#restricted) return this.#callInstalled(["inspect"], { signal });
    try {
      const answer = await this.#inspectSent(signal);
      this.#restricted = false;
      return answer;
    } catch (error) {
      if (this.#restricted === false || !isRefusal(error)) throw error;
      return this.#inspectInstalled(signal, error);
    }
  }

  // The guard may not be on the host yet: it is sent along.
  async #inspectSent(signal: AbortSignal): Promise<string> {
    const input = guardScript();
    const answer = await this.#carrier.exec(["sh", "-s", "inspect"], { signal, timeout: minute, input });
    return this.#accepted(answer);
  }

  async #inspectInstalled(signal: AbortSignal, asRoot: DeployError): Promise<string> {
    try {
      const answer = this.#accepted(await this.#callInstalled(["inspect"], { signal }));
      this.#restricted = true;
      return answer;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const reason = ({ message }: DeployError) => message.replace(`${this.#name}: `, "");
      throw new DeployError(
        "refused",
        `${this.#name} lets this login neither become root (${reason(asRoot)}) nor run an installed guard (${reason(error)})`,
        { cause: asRoot, hint: asRoot.hint ?? howToBeLetIn },
      );
    }
  }

  #callInstalled(
    args: readonly string[],
    options: Partial<ExecOptions> & Pick<ExecOptions, "signal">,
  ): Promise<string> {
    return this.#carrier.exec([installedGuard, ...args], { timeout: minute, ...options, restricted: true });
  }

  // A host that runs no command of ours answers as the guard does.
  #accepted(answer: string): string {
    parseAnswer(this.#name, answer, z.unknown());
    return answer;
  }
}

const howToBeLetIn =
  "Import the NixOS module on the host and enable homelab.users.deploy, or let the user become root with sudo; " +
  "if sudo asks for a password, give it as sudoPassword.";

function isRefusal(error: unknown): error is DeployError {
  return error instanceof DeployError && error.code === "refused";
}
