import { z } from "zod";
import { containsSecret, isProperties, type Properties, Secret, type Value } from "../values.ts";

/** `properties` with all that `shape` marks as secret made so, at any depth, however it was given. */
export function markSecrets(shape: Readonly<Record<string, z.ZodType>>, properties: Properties): Properties {
  const entries = Object.entries(properties);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Object.hasOwn(shape, key) ? mark(shape[key], value) : value]),
  );
}

/** Description and marks of `schema`, which may stand on the optional or on what is inside. */
export function metaOf(schema: z.ZodType): z.GlobalMeta | undefined {
  if (schema.meta() !== undefined || !(schema instanceof z.ZodOptional)) return schema.meta();
  return metaOf(schema.unwrap() as z.ZodType);
}

function mark(schema: z.ZodType | undefined, value: Value | undefined): Value | undefined {
  if (schema === undefined || value == null || value instanceof Secret) return value;
  if (metaOf(schema)?.secret === true) return containsSecret(value) ? value : new Secret(value);
  if (schema instanceof z.ZodOptional) return mark(schema.unwrap() as z.ZodType, value);
  if (!(schema instanceof z.ZodObject || schema instanceof z.ZodRecord)) return value;
  if (typeof value === "string") return markText(schema, value);
  if (!isProperties(value)) return value;
  if (schema instanceof z.ZodObject) return markSecrets(schema.shape, value);
  const marked = Object.entries(value).map(([key, part]) => [key, mark(schema.valueType as z.ZodType, part)]);
  return Object.fromEntries(marked);
}

// A stack's configuration carries objects as JSON: with a secret in it, the whole text is one.
function markText(schema: z.ZodType, text: string): Value {
  try {
    return containsSecret(mark(schema, JSON.parse(text) as Value)) ? new Secret(text) : text;
  } catch {
    return text;
  }
}
