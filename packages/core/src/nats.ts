export { type ConnectedNats, type ConnectOptions, connectNats } from "./host/nats/connect.ts";
export { fromNats, notPermitted } from "./host/nats/errors.ts";
export { type Identity, readIdentity } from "./host/nats/identity.ts";
