import {
  createBuilder,
  deployOrLeave,
  evaluateFleet,
  explain,
  inspectHost,
  withdraw,
} from "@homelab-deploy/core";
import schema from "../schema.json" with { type: "json" };
import { createProvider } from "./provider.ts";
import { runPlugin } from "./rpc/lifecycle.ts";

// One builder for the whole process: what all hosts want built goes to Nix together.
const builder = createBuilder();

const createService = () =>
  createProvider({
    schema: JSON.stringify(schema),
    evaluateFleet,
    deployer: {
      deploy: (request, options) => deployOrLeave(request, { ...options, builder }),
      inspectHost,
      withdraw,
    },
  });

runPlugin(createService).catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
