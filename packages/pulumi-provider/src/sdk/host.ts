import type { Input, Inputs } from "@pulumi/pulumi/output.js";
import { CustomResource, type CustomResourceOptions, type ID } from "@pulumi/pulumi/resource.js";
import { hostToken } from "../tokens.ts";
import { version } from "../version.ts";
import { evaluateMissing } from "./evaluate-missing.ts";
import { type HostArgs, type HostState, hostStateKeys } from "./types.ts";

// The engine's runtime sets a property for every key it is given; here they get their types.
const HostResource = CustomResource as unknown as abstract new (
  ...args: ConstructorParameters<typeof CustomResource>
) => CustomResource & HostState;

/**
 * A NixOS host. Its id is its name, its diff is the system that it shall run; creating it adopts a host that is there
 * already, deleting it leaves the host running. Without `toplevel`, it is evaluated from `flake` or `file`, or from
 * the provider's: all hosts of a program together.
 */
export class Host extends HostResource {
  constructor(name: string, args: HostArgs = {}, options: CustomResourceOptions = {}) {
    const keys: Inputs = Object.fromEntries(hostStateKeys.map((key) => [key, undefined]));
    const inputs = options.id === undefined ? evaluateMissing(name, args, options) : {};
    // The runtime keeps a stack trace of each property, for finding lost promises in itself; mapped to sources, they
    // took a quarter of a preview of 20 hosts.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      super(hostToken, name, { ...keys, ...inputs }, { version, ...options });
    } catch (error) {
      Error.stackTraceLimit = stackTraceLimit;
      // The stack that the error could not take: it names the program's line.
      if (error instanceof Error) Error.captureStackTrace(error, Host);
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /** The host `id` as it is now, without managing it. */
  static get(name: string, id: Input<ID>, options: CustomResourceOptions = {}): Host {
    return new Host(name, {}, { ...options, id });
  }
}
