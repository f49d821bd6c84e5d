import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { type Properties, Secret, Unknown, unknown, type Value } from "../values.ts";

// The engine marks special values by this key, and unknown ones by a text for each type.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownTexts = new Set([
  unknownText,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Properties out of a message; an absent struct has none. */
export function fromStruct(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : decodeEntries(struct.toJavaScript());
}

/** Properties into a message; entries that are undefined are left out. */
export function toStruct(properties: Properties): Struct {
  return structs.Struct.fromJavaScript(encodeEntries(properties));
}

function decode(value: unknown): Value {
  if (typeof value === "string") return unknownTexts.has(value) ? unknown : value;
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value as null | boolean | number;
  const entries = value as Record<string, unknown>;
  if (entries[signatureKey] === secretSignature) return new Secret(decode(entries.value));
  if (entries[signatureKey] === outputSignature) return decodeOutput(entries);
  return decodeEntries(entries);
}

function decodeOutput(output: Record<string, unknown>): Value {
  const value = "value" in output ? decode(output.value) : unknown;
  return output.secret === true ? new Secret(value) : value;
}

function decodeEntries(entries: Record<string, unknown>): Properties {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, decode(value)]));
}

function encode(value: Value): JavaScriptValue {
  if (value instanceof Unknown) return unknownText;
  if (value instanceof Secret) return { [signatureKey]: secretSignature, value: encode(value.value) };
  if (Array.isArray(value)) return value.map(encode);
  return typeof value === "object" && value !== null ? encodeEntries(value) : value;
}

function encodeEntries(properties: Properties): Record<string, JavaScriptValue> {
  const given = Object.entries(properties).filter(
    (entry): entry is [string, Value] => entry[1] !== undefined,
  );
  return Object.fromEntries(given.map(([key, value]) => [key, encode(value)]));
}
