import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts", "interop/**/*.test.ts"],
    // Two cores is the machine to plan for; the suites themselves are quick.
    maxWorkers: 2,
  },
});
