/** What the program and its media workers say to each other, over the channel of a process. */
import type { MediaEngine, MediaEvent } from "carillon/b2bua";
import type { CallState } from "./media-call.ts";
import type { TransportOptions } from "./transport.ts";

/** The verbs of the port; what they take behind the name of the call goes over as it is. */
export type Verb = Exclude<keyof MediaEngine, "onevent">;

type Behind<T> = T extends [call: string, ...rest: infer Rest] ? Rest : never;

/** What a verb takes behind the call. */
export type ArgumentsOf<V extends Verb> = Behind<Parameters<MediaEngine[V]>>;

/** One verb about one call. */
export type Order = {
  readonly [V in Verb]: {
    readonly kind: "Order";
    /** Comes back with what became of it. */
    readonly id: number;
    readonly call: string;
    readonly verb: V;
    readonly args: ArgumentsOf<V>;
    /** Of a call that another worker had. */
    readonly state?: CallState | undefined;
  };
}[Verb];

/** What a worker is told. */
export type ToWorker =
  | Order
  | { readonly kind: "Begin"; readonly ports: TransportOptions["ports"]; readonly maxCalls: number }
  | { readonly kind: "Ping" }
  | { readonly kind: "Close" };

/** What it says. */
export type FromWorker =
  | { readonly kind: "Ready" }
  | {
      readonly kind: "Done";
      readonly id: number;
      readonly result: unknown;
      /** What is agreed on now, where that may have changed. */
      readonly state?: CallState | undefined;
    }
  | { readonly kind: "Event"; readonly event: MediaEvent }
  /** For the operator. */
  | { readonly kind: "Note"; readonly words: string }
  /** How busy its thread has been since the last one, 0 to 1. */
  | { readonly kind: "Pong"; readonly load: number }
  | { readonly kind: "Closed" };
