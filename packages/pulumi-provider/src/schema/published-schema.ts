import type { ObjectSpec, PropertySpec } from "./convert.ts";
import { packageSchema } from "./package-schema.ts";

/**
 * The schema as other programs see it. A YAML program may give text to an enumeration, but not an enumeration, so
 * what functions return says text where the resource's input is an enumeration.
 */
export function publishedSchema() {
  const schema = packageSchema();
  const name = `${schema.name}:index:FleetHost`;
  const host = schema.types[name] as ObjectSpec;
  const isEnumeration = ({ $ref = "" }: PropertySpec) => {
    const type = schema.types[$ref.slice("#/types/".length)];
    return type !== undefined && "enum" in type;
  };
  const properties = Object.entries(host.properties).map(([key, property]) => {
    const { $ref: _ref, ...rest } = property;
    return [key, isEnumeration(property) ? { type: "string", ...rest } : property];
  });
  const types = { ...schema.types, [name]: { ...host, properties: Object.fromEntries(properties) } };
  return { ...schema, types };
}
