import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { version } from "../version.ts";
import type { Access } from "./access.ts";
import { addDeployTools } from "./deploy-tools.ts";
import { addHostTools } from "./host-tools.ts";

const instructions = `NixOS hosts that are deployed to over NATS. list_hosts tells which there are; plan_deployment tells \
which of them a deployment would change, and what they run now; deploy changes them at once, without asking again. A host that \
does not come up as it should goes back by itself to what ran before.`;

/** A server with the tools that `access` allows. */
export function createServer(access: Access): McpServer {
  const server = new McpServer({ name: "homelab-deploy", version }, { instructions });
  addDeployTools(server, access);
  addHostTools(server, access);
  return server;
}
