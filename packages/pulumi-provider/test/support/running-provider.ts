import type { HostStatus } from "@homelab-deploy/core";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { createProvider } from "../../src/provider.ts";
import { serve } from "../../src/rpc/server.ts";
import { startFakeEngine } from "./fake-engine.ts";
import { createMemoryFleet, createMemoryHosts, status, toplevel } from "./memory-hosts.ts";
import { connect } from "./provider-client.ts";

/** What the host web01 runs at first. */
export const before = toplevel(1);
/** What its source wants it to run. */
export const wanted = toplevel(2);

/** The provider behind its gRPC server, in this process, with an engine that has shaken hands and a host in memory. */
export async function startProvider() {
  const hosts: Record<string, HostStatus> = { web01: status({ running: before }) };
  const memory = createMemoryHosts(hosts);
  const { evaluateFleet } = createMemoryFleet({ web01: { toplevel: wanted, system: "x86_64-linux" } });
  const engine = await startFakeEngine();
  const server = await serve(() =>
    createProvider({ schema: '{"name":"nixos"}', evaluateFleet, deployer: memory.deployer }),
  );
  const provider = connect(server.port);
  const handshake = () =>
    provider.call(
      provider.client.handshake,
      new messages.ProviderHandshakeRequest().setEngineAddress(engine.address),
    );
  await handshake();
  return {
    hosts,
    memory,
    engine,
    server,
    provider,
    handshake,
    cancel: () => provider.call(provider.client.cancel, new empties.Empty()),
    close: () => {
      provider.close();
      server.close();
      engine.close();
    },
  };
}
