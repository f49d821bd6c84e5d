import { z } from "zod";
import { metaOf } from "../definitions/secrets.ts";
import { packageName } from "../tokens.ts";
import { namedTypes } from "./named-types.ts";

/** A type in a Pulumi schema: see "Pulumi Package Metaschema" for the format. */
export interface TypeSpec {
  readonly type?: "string" | "number" | "integer" | "boolean" | "array" | "object";
  readonly items?: TypeSpec;
  readonly additionalProperties?: TypeSpec;
  readonly $ref?: string;
  readonly oneOf?: readonly TypeSpec[];
}

export interface PropertySpec extends TypeSpec {
  readonly description?: string;
  readonly secret?: true;
}

export interface ObjectSpec {
  readonly properties: Record<string, PropertySpec>;
  readonly required: string[];
}

/** The properties of an object, and which of them must be there. */
export function toObjectSpec(shape: Readonly<Record<string, z.ZodType>>): ObjectSpec {
  const entries = Object.entries(shape);
  return {
    properties: Object.fromEntries(entries.map(([key, schema]) => [key, toPropertySpec(schema)])),
    required: entries.filter(([, schema]) => !(schema instanceof z.ZodOptional)).map(([key]) => key),
  };
}

/** The values of an enumeration, or the properties of an object, for the schema's list of named types. */
export function toNamedTypeSpec(schema: z.ZodType) {
  if (schema instanceof z.ZodEnum) {
    return { type: "string", enum: schema.options.map((value) => ({ value: String(value) })) };
  }
  if (schema instanceof z.ZodObject) return { type: "object", ...toObjectSpec(schema.shape) };
  throw new TypeError(`a ${schema.type} cannot be a named type`);
}

function toPropertySpec(schema: z.ZodType): PropertySpec {
  const { description, secret } = { ...metaOf(schema) };
  return {
    ...toTypeSpec(schema),
    ...(description !== undefined && { description }),
    ...(secret === true && { secret }),
  };
}

function toTypeSpec(schema: z.ZodType): TypeSpec {
  const name = namedTypes.get(schema);
  if (name !== undefined) return { $ref: `#/types/${packageName}:index:${name}` };
  if (schema instanceof z.ZodOptional) return toTypeSpec(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodArray) return { type: "array", items: toTypeSpec(schema.element as z.ZodType) };
  if (schema instanceof z.ZodRecord) {
    return { type: "object", additionalProperties: toTypeSpec(schema.valueType as z.ZodType) };
  }
  if (schema instanceof z.ZodObject && Object.keys(schema.shape).length === 0) {
    return { type: "object", additionalProperties: { type: "string" } };
  }
  if (schema instanceof z.ZodUnion) return toUnionSpec(schema.options as z.ZodType[]);
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return { type: "string" };
  if (schema instanceof z.ZodBoolean) return { type: "boolean" };
  if (schema instanceof z.ZodNumber) return { type: schema.format === "safeint" ? "integer" : "number" };
  throw new TypeError(`no Pulumi type for a ${schema.type}: give objects a name in named-types.ts`);
}

function toUnionSpec(options: readonly z.ZodType[]): TypeSpec {
  const types = new Map(options.map(toTypeSpec).map((type) => [JSON.stringify(type), type]));
  const [first, ...others] = types.values();
  if (first === undefined) throw new TypeError("no Pulumi type for a union of nothing");
  return others.length === 0 ? first : { oneOf: [first, ...others] };
}
