import { type Checked, checkProperties } from "../definitions/check.ts";
import { providerConfigShape } from "../definitions/provider-config.ts";
import { type Properties, Secret, type Value } from "../values.ts";

const texts = new Set(["flake", "file", "identity", "signingKey"]);

/**
 * Reads the provider's configuration. A stack's configuration carries text only, so that what is no text comes as JSON;
 * from a program it comes as it is.
 */
export function parseConfig(properties: Properties): Checked<typeof providerConfigShape> {
  const config = Object.entries(properties).filter(([key]) => !isOfTheEngine(key));
  const decoded = config.map(([key, value]) => [key, texts.has(key) ? value : decodeJson(value)]);
  return checkProperties(providerConfigShape, Object.fromEntries(decoded), "the provider's configuration");
}

/** Which plugin a program asks for stands among the configuration, too. */
function isOfTheEngine(key: string): boolean {
  return key === "version" || key === "pluginDownloadURL" || key.startsWith("__");
}

function decodeJson(value: Value | undefined): Value | undefined {
  if (value instanceof Secret) return new Secret(decodeJson(value.value) ?? null);
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
