import type { Properties } from "./values.ts";

/** What the provider does, in plain values: `rpc/` carries it to and from the engine. */
export interface ProviderService {
  readonly schema: string;
  readonly version: string;
  /** Whether the engine shall read hosts before every preview and update. */
  readonly refreshBeforeUpdate: boolean;
  checkConfig(news: Properties): CheckResult;
  diffConfig(olds: Properties, news: Properties): DiffResult;
  configure(config: Properties): void;
  invoke(token: string, args: Properties, call: Call): Promise<InvokeResult>;
  check(request: CheckRequest, call: Call): Promise<CheckResult>;
  diff(request: DiffRequest): DiffResult;
  create(request: CreateRequest, call: Call): Promise<ResourceState>;
  read(request: ReadRequest, call: Call): Promise<ReadResult>;
  update(request: UpdateRequest, call: Call): Promise<Properties>;
  delete(request: DeleteRequest, call: Call): Promise<void>;
  /** Removes what must not outlive the process, such as a private key in a file. */
  dispose(): void;
}

/** What accompanies one call: when to stop, and where to say how it goes. */
export interface Call {
  /** Aborted with a DeployError: by Ctrl-C, or when the resource's customTimeouts have passed. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** A line on the resource's row. Ephemeral lines are shown while they are news; others are kept. */
export type Log = (kind: "ephemeral" | "info" | "warning", message: string) => void;

export interface CheckFailure {
  /** Path such as `connection.ssh.port`; empty when no single property is to blame. */
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface InvokeResult {
  readonly result: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface PropertyDiff {
  readonly kind: "add" | "delete" | "update" | "replace";
  /** Whether old and new *inputs* differ; otherwise the old output differs from the new input. */
  readonly inputDiff: boolean;
}

/** The differing properties by path; none means that nothing is to be done. */
export type DiffResult = Readonly<Record<string, PropertyDiff>>;

/** Which resource of the program a call is about. */
export interface ResourceAddress {
  readonly stack: string;
  readonly project: string;
  readonly name: string;
}

export interface CheckRequest {
  readonly address: ResourceAddress;
  readonly news: Properties;
}

export interface DiffRequest {
  readonly id: string;
  readonly oldInputs: Properties;
  readonly oldOutputs: Properties;
  readonly news: Properties;
}

export interface CreateRequest {
  readonly address: ResourceAddress;
  readonly inputs: Properties;
  readonly preview: boolean;
}

export interface ResourceState {
  readonly id: string;
  readonly outputs: Properties;
}

export interface ReadRequest {
  readonly address: ResourceAddress;
  readonly id: string;
  /** Both absent in an import, which knows nothing but the id. */
  readonly inputs: Properties | undefined;
  readonly outputs: Properties | undefined;
}

export interface ReadResult extends ResourceState {
  readonly inputs: Properties;
}

export interface UpdateRequest {
  readonly address: ResourceAddress;
  readonly id: string;
  readonly oldInputs: Properties;
  readonly oldOutputs: Properties;
  readonly inputs: Properties;
  readonly preview: boolean;
}

export interface DeleteRequest {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** The operation changed the resource and failed all the same: the engine stores what it has become. */
export class ResourceInitFailed extends Error {
  override readonly name = "ResourceInitFailed";
  readonly state: ResourceState;

  constructor(message: string, state: ResourceState, options?: ErrorOptions) {
    super(message, options);
    this.state = state;
  }
}
