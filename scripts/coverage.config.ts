import { defineConfig } from "vitest/config";

/** What all else stands on, measured by its own tests alone: to be passed is not to be tested. */
const FOLDERS = ["transaction", "dialog", "grammar"].map(
  (name) => `packages/carillon/src/${name}/**`,
);

/** `npm run coverage`: every branch of the core is taken by a test beside it, or the run fails. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: FOLDERS.map((folder) => `${folder}/*.test.ts`),
    maxWorkers: 2,
    coverage: {
      enabled: true,
      provider: "v8",
      include: FOLDERS.map((folder) => `${folder}/*.ts`),
      reporter: ["text"],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});
