/** Version of the plugin, of its schema and of the npm package, which are always the same. */
export const version = "0.1.0";
