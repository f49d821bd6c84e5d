import { defineConfig } from "vitest/config";

const conditions = ["@homelab-deploy/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.ts",
      "nix/**/*.test.ts",
      "examples/*/test/**/*.test.ts",
    ],
    execArgv: ["--conditions=@homelab-deploy/source"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: "forks",
    // Most of them wait for a host most of the time.
    maxWorkers: 4,
  },
});
