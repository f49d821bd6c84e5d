import { DeployError, type evaluateFleet } from "@homelab-deploy/core";
import { checkConfig, diffConfig } from "./config/check.ts";
import { createKeyFile } from "./config/key-file.ts";
import { parseConfig } from "./config/parse.ts";
import type { ProviderConfig } from "./definitions/provider-config.ts";
import { createEvaluations } from "./fleet/evaluations.ts";
import { invokeFunction } from "./fleet/invoke.ts";
import { createBurst } from "./host/burst.ts";
import { checkHost } from "./host/check.ts";
import { createHost } from "./host/create.ts";
import { deleteHost } from "./host/delete.ts";
import type { Deployer } from "./host/deployer.ts";
import { diffHost } from "./host/diff.ts";
import { readHost } from "./host/read.ts";
import { updateHost } from "./host/update.ts";
import type { ProviderService } from "./service.ts";
import { version } from "./version.ts";

export interface ProviderParts {
  /** The Pulumi schema as JSON text. */
  readonly schema: string;
  readonly deployer: Deployer;
  readonly evaluateFleet: typeof evaluateFleet;
}

/** The provider of one engine: its configuration, what it has evaluated, and the operations of the Host resource. */
export function createProvider({ schema, deployer, evaluateFleet }: ProviderParts): ProviderService {
  const evaluations = createEvaluations(evaluateFleet);
  let config: ProviderConfig = {};
  let identity = createKeyFile("identity", undefined);
  let signingKey = createKeyFile("signing-key", undefined);
  const burst = createBurst();
  const context = () => ({
    config,
    evaluations,
    deployer,
    identityFile: identity.path,
    signingKeyFile: signingKey.path,
  });
  const removeKeys = () => {
    identity.remove();
    signingKey.remove();
  };
  return {
    schema,
    version,
    get refreshBeforeUpdate() {
      return config.refreshBeforeUpdate ?? false;
    },
    checkConfig,
    diffConfig,
    configure: (properties) => {
      const { values, failures } = parseConfig(properties);
      if (failures[0] !== undefined) {
        throw new DeployError("invalid-input", `${failures[0].property}: ${failures[0].reason}`);
      }
      config = values;
      removeKeys();
      identity = createKeyFile("identity", config.identity);
      signingKey = createKeyFile("signing-key", config.signingKey);
    },
    invoke: (token, args, call) => invokeFunction(token, args, context(), call),
    check: (request, call) => {
      burst.touch();
      return checkHost(request, context(), call);
    },
    diff: diffHost,
    create: (request, call) => burst.holdFailure(createHost(request, context(), call), call.signal),
    read: (request, call) => readHost(request, context(), call),
    update: (request, call) => burst.holdFailure(updateHost(request, context(), call), call.signal),
    delete: (request, call) => deleteHost(request, context(), call),
    dispose: removeKeys,
  };
}
