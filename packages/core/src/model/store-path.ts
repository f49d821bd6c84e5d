import { z } from "zod";
import { DeployError } from "../errors.ts";

declare const brand: unique symbol;

/** A path directly below /nix/store, of the form Nix itself writes; never shell syntax, never a flag. */
export type StorePath = string & { readonly [brand]: "StorePath" };

// The name's alphabet and length are Nix's (manual, "Store Path"; checkName in libstore).
const pattern = /^\/nix\/store\/[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+\-._?=]{1,211}$/;

/** Parses `text`; throws `invalid-input` with the value when it is no store path. */
export function parseStorePath(text: string): StorePath {
  if (!isStorePath(text)) {
    throw new DeployError("invalid-input", `not a store path: ${JSON.stringify(text)}`, {
      hint: "A store path looks like /nix/store/<32 characters>-<name>.",
    });
  }
  return text;
}

export function isStorePath(text: string): text is StorePath {
  return pattern.test(text);
}

/** Store path at a border where zod parses. */
export const storePathSchema = z
  .string()
  .refine(isStorePath, { error: (issue) => `not a store path: ${JSON.stringify(issue.input)}` });
