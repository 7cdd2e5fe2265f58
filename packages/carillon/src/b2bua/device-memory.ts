/**
 * What is known of devices by what they have said: which kinds of descriptions one has answered,
 * and which it has refused. Kept for so many of them, the ones that were called last.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import type { DescriptionKind } from "./description-kind.ts";

/** What is known of one. */
export interface KnownDevice {
  /** Kinds it has answered or offered. */
  readonly speaks: ReadonlySet<DescriptionKind>;
  /** What it has refused: see `descriptionManner`. */
  readonly refuses: ReadonlySet<string>;
  /** What it has offered last, when it was free to choose. */
  readonly offers?: DescriptionKind;
  /** Its way is no browser's: see `BridgingOptions.isNoBrowser`. */
  readonly isNoBrowser?: boolean;
}

const MAX_DEVICES = 10_000;
/** Of one: the last ones. */
const MAX_REFUSED = 8;
const NOTHING: KnownDevice = { speaks: new Set(), refuses: new Set() };

export class DeviceMemory {
  readonly #devices = new Map<string, KnownDevice>();
  readonly #max: number;

  constructor(max: number = MAX_DEVICES) {
    this.#max = max;
  }

  get size(): number {
    return this.#devices.size;
  }

  /** By its instance, or else its contact; and whose it is. */
  of(callee: string | undefined, contact: Octets): KnownDevice {
    return this.#devices.get(keyOf(callee, contact)) ?? NOTHING;
  }

  /** It has called with such an offer. */
  offers(callee: string | undefined, contact: Octets, kind: DescriptionKind): void {
    this.speaks(callee, contact, kind);
    this.#put(callee, contact, { ...this.of(callee, contact), offers: kind });
  }

  /** It has answered or offered so. What it refused before may have been somebody else there. */
  speaks(callee: string | undefined, contact: Octets, kind: DescriptionKind): void {
    const { speaks, refuses, ...known } = this.of(callee, contact);
    this.#put(callee, contact, {
      ...known,
      speaks: new Set([...speaks, kind]),
      refuses: new Set([...refuses].filter((one) => one !== kind)),
    });
  }

  /** It has refused an offer of this manner. */
  refuses(callee: string | undefined, contact: Octets, manner: string): void {
    const { speaks, refuses, ...known } = this.of(callee, contact);
    this.#put(callee, contact, {
      ...known,
      speaks: new Set([...speaks].filter((one) => one !== manner)),
      refuses: new Set([...refuses, flat(manner)].slice(-MAX_REFUSED)),
    });
  }

  #put(callee: string | undefined, contact: Octets, known: KnownDevice): void {
    const key = flat(keyOf(callee, contact));
    this.#devices.delete(key);
    this.#devices.set(key, known);
    const [oldest] = this.#devices.keys();
    if (this.#devices.size > this.#max && oldest !== undefined) this.#devices.delete(oldest);
  }
}

const keyOf = (callee: string | undefined, contact: Octets): string => `${callee ?? ""} ${contact}`;
