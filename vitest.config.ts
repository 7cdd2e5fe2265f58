import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.{ts,tsx}",
      "scripts/**/*.test.ts",
      "e2e/**/*.test.ts",
      "interop/**/*.test.ts",
      "durability/**/*.test.ts",
    ],
    // Two cores is the machine to plan for; the suites themselves are quick.
    maxWorkers: 2,
    // Work is counted and time is virtual in these tests; a slow machine should not fail them.
    testTimeout: 120_000,
  },
});
