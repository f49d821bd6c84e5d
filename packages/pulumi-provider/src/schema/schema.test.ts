import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { version } from "../version.ts";
import { packageSchema } from "./package-schema.ts";
import { publishedSchema } from "./published-schema.ts";
import { toTypescript } from "./typescript.ts";

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");
const schema = JSON.parse(read("../../schema.json"));

describe("the schema", () => {
  it("is the one that the definitions make (else run src/schema/write.ts)", () => {
    expect(schema).toEqual(JSON.parse(JSON.stringify(publishedSchema())));
    expect(read("../sdk/types.ts")).toBe(toTypescript(packageSchema()));
  });

  it("has the version of the package", () => {
    const manifest = JSON.parse(read("../../package.json"));
    expect([schema.version, manifest.version, manifest.pulumi.version]).toEqual([version, version, version]);
  });

  // Literal names: programs and states in the world depend on them.
  it("names what programs use", () => {
    expect(schema.name).toBe("nixos");
    expect(Object.keys(schema.resources)).toEqual(["nixos:index:Host"]);
    expect(Object.keys(schema.functions)).toEqual(["nixos:index:evaluate", "nixos:index:getFleet"]);
    const host = schema.resources["nixos:index:Host"];
    expect(Object.keys(host.inputProperties).sort()).toEqual([
      "attribute",
      "buildOn",
      "cache",
      "connection",
      "derivation",
      "evaluationError",
      "file",
      "flake",
      "goal",
      "healthChecks",
      "hooks",
      "name",
      "overrideInputs",
      "platform",
      "reboot",
      "rebootAt",
      "rebootTimeout",
      "revision",
      "role",
      "rollback",
      "tags",
      "tier",
      "toplevel",
    ]);
    expect(Object.keys(host.properties).sort()).toEqual([
      "attribute",
      "bootDefault",
      "bootedSystem",
      "buildOn",
      "cache",
      "connection",
      "derivation",
      "evaluationError",
      "file",
      "flake",
      "generation",
      "goal",
      "healthChecks",
      "hooks",
      "nixosVersion",
      "outcome",
      "overrideInputs",
      "platform",
      "profile",
      "reboot",
      "rebootAt",
      "rebootRequired",
      "rebootTimeout",
      "revision",
      "role",
      "rollback",
      "system",
      "tags",
      "tier",
      "toplevel",
    ]);
    expect(Object.keys(schema.config.variables).sort()).toEqual([
      "cache",
      "connection",
      "file",
      "flake",
      "hosts",
      "identity",
      "overrideInputs",
      "refreshBeforeUpdate",
      "signingKey",
    ]);
  });

  it("marks the private key as secret", () => expect(schema.config.variables.identity.secret).toBe(true));

  it("describes every property", () => {
    const properties = [
      ...Object.values(schema.config.variables),
      ...Object.values(schema.resources["nixos:index:Host"].properties),
      ...Object.values(schema.types as Record<string, { properties?: object }>).flatMap((type) =>
        Object.values(type.properties ?? {}),
      ),
    ] as { description?: string }[];
    expect(properties.filter(({ description }) => !description)).toEqual([]);
  });

  it("refers only to types that it has", () => {
    const references = [...JSON.stringify(schema).matchAll(/"#\/types\/([^"]+)"/g)].map((match) => match[1]);
    expect(references.filter((token) => token === undefined || !(token in schema.types))).toEqual([]);
  });

  it("gives text where a YAML program passes it on to an enumeration", () => {
    expect(schema.types["nixos:index:FleetHost"].properties.goal.type).toBe("string");
    expect(schema.resources["nixos:index:Host"].inputProperties.goal.$ref).toBe("#/types/nixos:index:Goal");
  });
});
