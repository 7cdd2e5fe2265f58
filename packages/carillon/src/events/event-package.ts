/** What makes an event package: its name, its bodies, and its times. RFC 6665 §5. */

import type { Coherent } from "../documents/coherent.ts";
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import type { MediaType } from "../message/header/content-type.ts";

/** One kind of state that can be subscribed to, and how it is written and read. */
export interface EventPackage<T> {
  /** `presence`: the value of Event. */
  readonly event: string;
  /** Types of bodies that are understood, the package's own first. */
  readonly accept: readonly string[];
  /** What is asked for, and what is granted where nothing is asked. */
  readonly expiresSeconds: number;
  /** Whether one SUBSCRIBE may make several subscriptions, one with each device. */
  readonly forks: boolean;
  /** Between two notifications. */
  readonly minGapMs: number;
  /** Extensions that its bodies need: `eventlist`. None if left out. */
  readonly supported?: readonly string[];
  /** A reader with the memory of one subscription. */
  readonly reader: () => EventReader<T>;
  /** A body of the package's own type; `version` counts those of one subscription from 0. */
  readonly write?: (value: T, version: number) => Octets;
}

/**
 * From a body to the state as it is by then, put together with what came before; an error where it
 * cannot be read. `Old`: it says less than is known.
 */
export type EventReader<T> = (body: Octets, type: MediaType) => Result<Coherent<T>>;

/** A reader of documents that are each the whole state. */
export const whole =
  <T>(parse: (body: Octets) => Result<T>): EventPackage<T>["reader"] =>
  () =>
  (body) => {
    const read = parse(body);
    return read.ok ? ok({ kind: "New", value: read.value, isTorn: false }) : read;
  };

/** A reader of documents that may be a part; `view` is what is shown of all of them. */
export const merging =
  <D, T>(
    parse: (body: Octets) => Result<D>,
    merge: (known: D | undefined, next: D) => Coherent<D>,
    view: (known: D) => T,
  ): EventPackage<T>["reader"] =>
  () => {
    let known: D | undefined;
    return (body) => {
      const read = parse(body);
      if (!read.ok) return read;
      const merged = merge(known, read.value);
      if (merged.kind === "Old") return ok(merged);
      known = merged.value;
      return ok({ ...merged, value: view(known) });
    };
  };
