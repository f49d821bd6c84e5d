import {
  closureBucket as closures,
  eventStream as events,
  wantedBucket as wanted,
} from "@homelab-deploy/core/nats";
import type { User } from "./users.ts";

export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** What it does not hear in spite of `subscribe`. */
  readonly deaf: readonly string[];
  /** Whether it may answer what it is asked, wherever the answer is wanted. */
  readonly answers: boolean;
}

/** Where an admin finds the JetStream of a tier, which is in an account of its own. */
export function jetstreamPrefix(tier: string): string {
  return `JS.${tier}.API`;
}

/** What `user` may do: what the protocol needs, and no more. */
export function permissionsOf(user: User): Permissions {
  const own = [`_INBOX_${user.key}.>`];
  const asker = [...own, `deploy.responses.${user.key}.>`];
  switch (user.kind) {
    case "host": {
      const { name, tier, role } = user;
      const key = `$KV.${wanted}.${tier}.${name}`;
      return {
        publish: [
          "deploy.responses.>",
          `homelab.v1.${tier}.${name}.events.>`,
          `$JS.API.STREAM.INFO.OBJ_${closures}`,
          `$JS.API.DIRECT.GET.OBJ_${closures}`,
          `$JS.API.DIRECT.GET.OBJ_${closures}.>`,
          `$JS.API.DIRECT.GET.KV_${wanted}.${key}`,
        ],
        subscribe: [
          "deploy.discover",
          `deploy.${tier}.${name}`,
          `deploy.${tier}.all`,
          ...(role === undefined ? [] : [`deploy.${tier}.role.${role}`]),
          `homelab.v1.${tier}.${name}.*`,
          "$SRV.>",
          key,
          ...own,
        ],
        // It may answer wherever a message that it hears wants the answer. So it must hear none of its own, which could
        // name any subject. That `*` above is one token does not do: the server takes a subscription to `>` for one.
        deaf: [`homelab.v1.${tier}.${name}.events.>`],
        answers: true,
      };
    }
    case "deployer": {
      const { tier, version0 } = user;
      return {
        publish: [
          "deploy.discover",
          `deploy.${tier}.>`,
          `homelab.v1.${tier}.*.*`,
          "$SRV.>",
          ...storesOf(tier),
        ],
        subscribe: [...asker, ...(version0 ? ["deploy.responses.>"] : []), `homelab.v1.${tier}.*.events.>`],
        deaf: [],
        answers: false,
      };
    }
    case "assistant": {
      const reads = ["inspect", "missing", "compare", "history"].map((verb) => `homelab.v1.test.*.${verb}`);
      return {
        publish: ["deploy.discover", "deploy.test.>", ...reads, "$SRV.>"],
        subscribe: asker,
        deaf: [],
        answers: false,
      };
    }
    case "admin":
      return {
        publish: ["deploy.>", "homelab.v1.*.*.*", "$SRV.>", `${jetstreamPrefix("*")}.>`],
        subscribe: [...asker, "homelab.v1.*.*.events.>"],
        deaf: [],
        answers: false,
      };
  }
}

// Uploads and old parts of closures, wanted toplevels, and events to read. Stores are made, changed and removed by admins.
function storesOf(tier: string): string[] {
  const streams = [`OBJ_${closures}`, `KV_${wanted}`, events];
  return [
    "$JS.API.INFO",
    `$O.${closures}.>`,
    `$KV.${wanted}.${tier}.*`,
    `$JS.API.STREAM.PURGE.OBJ_${closures}`,
    ...streams.flatMap((stream) => [
      `$JS.API.STREAM.INFO.${stream}`,
      `$JS.API.STREAM.MSG.GET.${stream}`,
      `$JS.API.DIRECT.GET.${stream}`,
      `$JS.API.DIRECT.GET.${stream}.>`,
      `$JS.API.CONSUMER.*.${stream}`,
      `$JS.API.CONSUMER.*.${stream}.>`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
      `$JS.ACK.${stream}.>`,
      `$JS.FC.${stream}.>`,
    ]),
  ];
}
