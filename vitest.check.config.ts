import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The quick part of CI beside types and lint: which file may import which, and what the pages say. */
export default mergeConfig(
  defineConfig({ ...base, test: { ...base.test, include: [] } }),
  defineConfig({
    test: {
      include: [
        "packages/*/test/*layers.test.ts",
        "packages/core/test/docs.test.ts",
        "nix/checks/format.check.ts",
      ],
    },
  }),
);
