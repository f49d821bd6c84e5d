import { explain, toDeployError } from "@homelab-deploy/core";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";

/** What a tool answers: structured, and as text for clients that know nothing else. Errors become words. */
export async function toResult<T extends Record<string, unknown>>(
  work: () => Promise<{ readonly content: T; readonly text: string; readonly failed?: boolean }>,
): Promise<CallToolResult> {
  try {
    const { content, text, failed = false } = await work();
    return { structuredContent: content, content: [{ type: "text", text }], isError: failed };
  } catch (error) {
    return {
      content: [{ type: "text", text: explain(toDeployError(error, "unreachable")) }],
      isError: true,
    };
  }
}
