import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The quick part of CI beside types and lint: which file may import which. */
export default mergeConfig(
  defineConfig({ ...base, test: { ...base.test, include: [] } }),
  defineConfig({ test: { include: ["packages/*/test/*layers.test.ts"] } }),
);
