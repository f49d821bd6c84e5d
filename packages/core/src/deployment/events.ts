/** What a deployment is doing. */
export type Phase =
  | "evaluating"
  | "building"
  | "connecting"
  | "pushing"
  | "copying"
  | "activating"
  | "rebooting"
  | "judging"
  | "confirming"
  | "committing"
  | "rolling-back";

/** What a deployment tells while it runs; renderers turn it into lines of a terminal or of Pulumi. */
export type DeploymentEvent =
  | { readonly type: "phase"; readonly phase: Phase }
  | { readonly type: "build-progress"; readonly done: number; readonly total: number }
  | {
      readonly type: "copy-progress";
      readonly bytes: number;
      readonly totalBytes: number;
      readonly paths: number;
      readonly totalPaths: number;
    }
  /** A line of Nix's or of the activation's output: worth a look while it lasts. */
  | { readonly type: "output"; readonly line: string }
  /** A health check: `waiting` tells of an attempt that did not hold, with more to come. */
  | {
      readonly type: "check";
      readonly name: string;
      readonly state: "passed" | "failed" | "waiting";
      /** Number of the attempt, from 1 on. */
      readonly attempt: number;
      /** What was seen; empty where there is nothing to say. */
      readonly message: string;
    }
  /** Worth keeping. */
  | { readonly type: "notice"; readonly message: string }
  | { readonly type: "warning"; readonly message: string };

export type OnEvent = (event: DeploymentEvent) => void;
