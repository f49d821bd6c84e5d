// Prints the module that gives a bundle the texts which the source tree reads from files beside its modules. It runs in the
// folder above packages/.
const { embedded } = await import(new URL("packages/core/embedded.ts", import.meta.url).href);

for (const [name, value] of Object.entries(embedded())) console.log(`export const ${name} = ${value};`);
