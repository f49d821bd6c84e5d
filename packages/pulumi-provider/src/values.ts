/** A value that Pulumi encrypts in its state and hides in its output. */
export class Secret {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

/** A value that is not known before another resource has been made; only previews see one. */
export class Unknown {}

export const unknown = new Unknown();

/** What a property of a resource can be. */
export type Value = null | boolean | number | string | Secret | Unknown | Value[] | Properties;

export type Properties = { [key: string]: Value | undefined };

/** Whether any part of `value` is unknown. */
export function containsUnknown(value: Value | undefined): boolean {
  return some(value, (part) => part instanceof Unknown);
}

/** Whether any part of `value` is secret. */
export function containsSecret(value: Value | undefined): boolean {
  return some(value, (part) => part instanceof Secret);
}

/** `value` without its secret marks, for use only: what comes out must not go back to the engine. */
export function reveal(value: Value | undefined): unknown {
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (!isProperties(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, reveal(part)]));
}

/** `properties` without entries, at any depth, that are null or undefined: how programs write "not given". */
export function present(properties: Properties): Properties {
  const given = Object.entries(properties).filter(([, value]) => value != null);
  return Object.fromEntries(given.map(([key, value]) => [key, presentWithin(value)]));
}

function presentWithin(value: Value | undefined): Value | undefined {
  if (value instanceof Secret) return new Secret(presentWithin(value.value) ?? null);
  return isProperties(value) ? present(value) : value;
}

function some(value: Value | undefined, test: (part: Value | undefined) => boolean): boolean {
  if (test(value)) return true;
  if (value instanceof Secret) return some(value.value, test);
  if (Array.isArray(value)) return value.some((part) => some(part, test));
  return isProperties(value) && Object.values(value).some((part) => some(part, test));
}

/** Whether `value` has properties of its own: no list, no mark. */
export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isMarked(value);
}

function isMarked(value: object): boolean {
  return value instanceof Secret || value instanceof Unknown;
}
