/** The types of a configuration. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import { type Config, defineConfig, type OperatorRoute } from "./config.ts";

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

test("a configuration is told by its own names, and all of it may be left out", () => {
  expectTypeOf(defineConfig).toEqualTypeOf<(config: Config) => Config>();
  compiled(() => {
    defineConfig({});
    defineConfig({ calls: { forking: "by-q", ringSeconds: 20 }, trust: ["192.0.2.0/24"] });
    // @ts-expect-error: no such option
    defineConfig({ forking: "by-q" });
    // @ts-expect-error: nor is there one in there
    defineConfig({ calls: { ringSecs: 20 } });
    // @ts-expect-error: one of two words
    defineConfig({ calls: { forking: "sequential" } });
    // @ts-expect-error: seconds are a number
    defineConfig({ calls: { ringSeconds: "20" } });
    // @ts-expect-error: networks are a list
    defineConfig({ trust: "192.0.2.0/24" });
  });
});

test("redirections have contacts, with a q or without, and the statuses of RFC 3261 §21.3", () => {
  type Redirect = NonNullable<Config["redirects"]>[number];
  expectTypeOf<Redirect["status"]>().toEqualTypeOf<300 | 301 | 302 | 305 | undefined>();
  compiled(() => {
    defineConfig({ redirects: [{ to: "bob", contacts: [{ uri: "sip:a@b", q: 0.5 }, "sip:c@d"] }] });
    // @ts-expect-error: somewhere one has to be sent
    defineConfig({ redirects: [{ to: "bob" }] });
    // @ts-expect-error: 380 needs what no row can say
    defineConfig({ redirects: [{ to: "bob", contacts: ["sip:a@b"], status: 380 }] });
  });
});

test("an operator's own routing may take its time, and answers with a decision or nothing", () => {
  expectTypeOf<Config["route"]>().toEqualTypeOf<OperatorRoute | undefined>();
  compiled(() => {
    defineConfig({ route: () => undefined });
    defineConfig({ route: async () => undefined });
    // @ts-expect-error: a decision, and not the address alone
    defineConfig({ route: () => "sip:bob@192.0.2.7" });
  });
});
