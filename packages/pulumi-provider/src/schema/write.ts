import { writeFileSync } from "node:fs";
import { packageSchema } from "./package-schema.ts";
import { publishedSchema } from "./published-schema.ts";
import { toTypescript } from "./typescript.ts";

// Run after a change of src/definitions: node --conditions=@homelab-deploy/source src/schema/write.ts
const published = `${JSON.stringify(publishedSchema(), null, 2)}\n`;
writeFileSync(new URL("../../schema.json", import.meta.url), published);
writeFileSync(new URL("../sdk/types.ts", import.meta.url), toTypescript(packageSchema()));
