import { z } from "zod";

const server = /^(?:nats|tls):\/\/(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

const serverSchema = z.string().regex(server, {
  error: (issue) =>
    `not the URL of a NATS server: ${JSON.stringify(issue.input)} (such as nats://nats.example.com:4222, or tls://…)`,
});

const fileSchema = z.string().min(1, { error: "not a file path: it is empty" });

export const natsTlsSchema = z.strictObject({
  caFile: fileSchema.optional().describe("File with the certificates that sign the server's."),
  certFile: fileSchema.optional().describe("File with the certificate of the client."),
  keyFile: fileSchema.optional().describe("File with the private key of that certificate."),
});

/** How to reach a NATS server, and as whom. */
export const natsConnectionSchema = z
  .strictObject({
    url: z
      .union([serverSchema, z.array(serverSchema).min(1)])
      .describe(
        "URL of the server, or of several servers of one cluster: `nats://…`, or `tls://…` to demand TLS.",
      ),
    nkeyFile: fileSchema.optional().describe("File that holds the NKey seed of the user (`SU…`)."),
    credentialsFile: fileSchema
      .optional()
      .describe("Credentials file (`.creds`) of the user, for servers that know users by JWT."),
    tls: natsTlsSchema
      .optional()
      .describe("Demands TLS, and says with which certificates. Default: TLS where the server has it."),
  })
  .refine(({ nkeyFile, credentialsFile }) => nkeyFile === undefined || credentialsFile === undefined, {
    error: "a user has either an nkeyFile or a credentialsFile, not both",
  });

export type NatsConnection = z.infer<typeof natsConnectionSchema>;
