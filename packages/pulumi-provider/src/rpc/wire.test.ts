import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it } from "vitest";
import { type Properties, Secret, unknown } from "../values.ts";
import { fromStruct, toStruct } from "./wire.ts";

const roundTrip = (properties: Properties) =>
  fromStruct(structs.Struct.deserializeBinary(toStruct(properties).serializeBinary()));

describe("properties on the wire", () => {
  it.each<[string, Properties]>([
    [
      "plain values",
      { text: "x", number: 1.5, yes: true, nothing: null, list: [1, "a"], map: { a: { b: "c" } } },
    ],
    ["a secret", { key: new Secret("k") }],
    ["a secret within a list within a map", { a: { b: [new Secret({ c: 1 })] } }],
    ["an unknown value", { toplevel: unknown, list: [unknown] }],
    ["a secret that is unknown", { key: new Secret(unknown) }],
  ])("keep %s", (_title, properties) => expect(roundTrip(properties)).toEqual(properties));

  it("leave out what is undefined, at any depth", () =>
    expect(roundTrip({ a: undefined, b: { c: undefined, d: 1 } })).toEqual({ b: { d: 1 } }));

  it("an absent struct has no properties", () => expect(fromStruct(undefined)).toEqual({}));

  it("are marked as the engine marks them", () =>
    expect(toStruct({ key: new Secret("k"), later: unknown }).toJavaScript()).toEqual({
      key: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "k" },
      later: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    }));

  it.each([
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  ])("know %s for unknown", (text) =>
    expect(fromStruct(structs.Struct.fromJavaScript({ a: text }))).toEqual({ a: unknown }),
  );

  it("read an output value as its value", () => {
    const signature = { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
    const struct = structs.Struct.fromJavaScript({
      known: { ...signature, value: "v" },
      secret: { ...signature, value: "v", secret: true },
      later: { ...signature },
    });
    expect(fromStruct(struct)).toEqual({ known: "v", secret: new Secret("v"), later: unknown });
  });
});
