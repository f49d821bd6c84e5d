export { type HostStore, localStore } from "./host/local-store.ts";
export { ask } from "./host/nats/ask.ts";
export { type ConnectedNats, type ConnectOptions, connectNats } from "./host/nats/connect.ts";
export { fromNats, isNotPermitted, notPermitted } from "./host/nats/errors.ts";
export { type Beginning, EventStream, type KeptEvent } from "./host/nats/events.ts";
export { type Identity, readIdentity } from "./host/nats/identity.ts";
export { makeBucket, ObjectStore } from "./host/nats/object-store.ts";
export { patiently } from "./host/nats/patiently.ts";
export { replicated } from "./host/nats/replicated.ts";
export { signMessage } from "./host/nats/sign-message.ts";
export {
  readWanted,
  removeWanted,
  storeWanted,
  type WantedMessage,
  watchWanted,
} from "./host/nats/wanted.ts";
export { createUserKey, publicKeySchema } from "./model/nkey.ts";
export { subjectSchema, tokenSchema } from "./wire/subject.ts";
export {
  type DeployRequest,
  type DeployResponse,
  type DeployStatus,
  isFinal,
  readDeployRequest,
  readDeployResponse,
  type WireError,
  writeDeployRequest,
} from "./wire/v0/deployment.ts";
export {
  type Discovered,
  readDiscovered,
  readDiscoverRequest,
  writeDiscoverRequest,
} from "./wire/v0/discovery.ts";
export {
  deploySubjectTemplates,
  discoverSubject,
  expandSubjects,
  isHostSubject,
} from "./wire/v0/subjects.ts";
export { type PublishedEvent, parsePublishedEvent } from "./wire/v1/events.ts";
export { ReplayMemory } from "./wire/v1/replay-memory.ts";
export { alive, encodeError, type Reply } from "./wire/v1/replies.ts";
export {
  clockTolerance,
  type RequestHeaders,
  type SignedRequest,
  type Signer,
  signRequest,
  type Trust,
  verifyRecord,
  verifyRequest,
} from "./wire/v1/signature.ts";
export {
  type Addressee,
  closureBucket,
  type EventSelection,
  eventStream,
  eventSubject,
  eventSubjects,
  parseEventSubject,
  serviceName,
  verbSubject,
  wantedBucket,
} from "./wire/v1/subjects.ts";
export {
  type FetchProgress,
  type ParsedRequest,
  type Verb,
  type VerbAnswer,
  type VerbEvent,
  verbs,
} from "./wire/v1/verbs.ts";
export { longestWait, type Wanted } from "./wire/v1/wanted.ts";
