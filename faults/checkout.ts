import { join } from "node:path";

/** The directory of this checkout. */
export const checkout = join(import.meta.dirname, "..");
