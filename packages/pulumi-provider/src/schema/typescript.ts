import { z } from "zod";
import { evaluatedShape } from "../definitions/host.ts";
import { evaluateToken, getFleetToken, hostToken } from "../tokens.ts";
import type { ObjectSpec, PropertySpec, TypeSpec } from "./convert.ts";
import { namedTypes } from "./named-types.ts";
import type { packageSchema } from "./package-schema.ts";

type Schema = ReturnType<typeof packageSchema>;

/** The types of the SDK as TypeScript text, with the schema's descriptions as doc comments. */
export function toTypescript(schema: Schema): string {
  const host = schema.resources[hostToken];
  const functions = [
    ["Evaluate", schema.functions[evaluateToken]],
    ["GetFleet", schema.functions[getFleetToken]],
  ] as const;
  if (host === undefined) throw new TypeError(`no ${hostToken} in the schema`);
  const blocks = [
    "// Written by src/schema/write.ts from src/definitions; do not edit.\n" +
      'import type { Input, Output } from "@pulumi/pulumi/output.js";',
    ...Object.entries(schema.types).flatMap(([token, type]) => namedType(nameOf(token), type)),
    objectType("HostArgs", host.description, host.inputProperties, host.requiredInputs, input),
    objectType("HostState", "Properties of a Host.", host.properties, host.required, output),
    keyList("hostStateKeys", "Names of all properties of a Host.", host.properties),
    keyList("evaluatedKeys", "Inputs of a Host that its source can give.", evaluatedShape),
    objectType("ProviderArgs", schema.provider.description, schema.provider.inputProperties, [], input),
    ...functions.flatMap(([name, spec]) => {
      if (spec === undefined) throw new TypeError(`no function ${name} in the schema`);
      const { inputs, outputs, description } = spec;
      return [
        objectType(`${name}Args`, description, inputs.properties, inputs.required, plain),
        objectType(`${name}OutputArgs`, description, inputs.properties, inputs.required, input),
        objectType(
          `${name}Result`,
          `Result of ${lowerFirst(name)}.`,
          outputs.properties,
          outputs.required,
          plain,
        ),
      ];
    }),
  ];
  return `${blocks.join("\n\n")}\n`;
}

interface Style {
  readonly suffix: "" | "Args";
  readonly wrap: (type: string) => string;
}

const plain: Style = { suffix: "", wrap: (type) => type };
const input: Style = { suffix: "Args", wrap: (type) => `Input<${type}>` };
const output: Style = { suffix: "", wrap: (type) => `Output<${type}>` };

type NamedType = Schema["types"][string];

function namedType(name: string, type: NamedType): string[] {
  if (!("properties" in type)) {
    const values = type.enum.map(({ value }) => JSON.stringify(value)).join(" | ");
    return [`${comment(type.description)}export type ${name} = ${values};`];
  }
  const { properties, required, description } = type as ObjectSpec & { description?: string };
  const both = [objectType(name, description, properties, required, plain)];
  // No input of any resource or function has this type.
  if (name !== "FleetHost") both.push(objectType(`${name}Args`, description, properties, required, input));
  return both;
}

function objectType(
  name: string,
  description: string | undefined,
  properties: Record<string, PropertySpec>,
  required: readonly string[],
  style: Style,
): string {
  const lines = Object.entries(properties).map(([key, property]) => {
    const type = style.wrap(typeText(property, style));
    const optional = required.includes(key) ? `${key}: ${type}` : `${key}?: ${type} | undefined`;
    return `${comment(property.description, "  ")}  readonly ${optional};`;
  });
  return `${comment(description)}export interface ${name} {\n${lines.join("\n")}\n}`;
}

function keyList(name: string, description: string, properties: object): string {
  const keys = Object.keys(properties).map((key) => `  ${JSON.stringify(key)},\n`);
  return `${comment(description)}export const ${name} = [\n${keys.join("")}] as const;`;
}

const enumerations = new Set(
  [...namedTypes].filter(([schema]) => schema instanceof z.ZodEnum).map(([, name]) => name),
);

function typeText(spec: TypeSpec, style: Style): string {
  if (spec.$ref !== undefined) {
    const name = nameOf(spec.$ref);
    return enumerations.has(name) ? name : `${name}${style.suffix}`;
  }
  if (spec.oneOf !== undefined) return spec.oneOf.map((one) => typeText(one, style)).join(" | ");
  if (spec.items !== undefined) return `readonly ${style.wrap(typeText(spec.items, style))}[]`;
  if (spec.additionalProperties !== undefined) {
    return `Readonly<Record<string, ${style.wrap(typeText(spec.additionalProperties, style))}>>`;
  }
  return spec.type === "integer" ? "number" : (spec.type ?? "unknown");
}

function comment(text: string | undefined, indent = ""): string {
  return text === undefined ? "" : `${indent}/** ${text.replaceAll("*/", "*\\/")} */\n`;
}

function nameOf(token: string): string {
  return token.slice(token.lastIndexOf(":") + 1);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
