/** The types of all machines here. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";

type Usage = typeof import("./index.ts");

/** The namespaces that are machines. */
type Machines = {
  [Name in keyof Usage]: Usage[Name] extends { readonly start: unknown; readonly step: unknown }
    ? Name
    : never;
}[keyof Usage];

type Taken<M> = M extends { step(...given: infer Given): unknown } ? Given : never;
type Made<M> = M extends { step(...given: never[]): infer Step } ? Step : never;
type State<M> = Made<M> extends readonly [infer One, ...unknown[]] ? One : never;

/** Those whose step takes anything but what it gave before, an input, and the time at the end. */
type StepsElsewhere = {
  [Name in Machines]: Taken<Usage[Name]> extends [...unknown[], State<Usage[Name]>, unknown, number]
    ? never
    : Name;
}[Machines];

/** Those whose beginning is no step. */
type BeginsElsewhere = {
  [Name in Machines]: Usage[Name] extends { start(...given: never[]): Made<Usage[Name]> }
    ? never
    : Name;
}[Machines];

/** Those of which nobody could tell when they want to be woken. */
type Sleepless = {
  [Name in Machines]: Usage[Name] extends { deadline(state: State<Usage[Name]>): number }
    ? never
    : Name;
}[Machines];

/** Those that can forget which of their states they are in. */
type Nameless = {
  [Name in Machines]: State<Usage[Name]> extends { readonly name: string } ? never : Name;
}[Machines];

test("every machine is start, step and deadline, with its state for a value", () => {
  // That the types above find machines at all.
  type Known = "announcement" | "referee" | "registration" | "sessionTimer" | "subscriber";
  expectTypeOf<Extract<Machines, Known>>().toEqualTypeOf<Known>();
  expectTypeOf<StepsElsewhere>().toBeNever();
  expectTypeOf<BeginsElsewhere>().toBeNever();
  expectTypeOf<Sleepless>().toBeNever();
  expectTypeOf<Nameless>().toBeNever();
});
