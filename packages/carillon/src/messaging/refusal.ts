/** Why something is not taken, and what its sender is told. */
import type { HeaderField } from "../message/compose.ts";

/** What is answered where something is not taken. */
export interface Refusal {
  /** 400 to 699. */
  readonly status: number;
  /** In words, for the sender and the log. */
  readonly why: string;
  /** More for the response. */
  readonly headers?: readonly HeaderField[];
}

export const refusal = (
  status: number,
  why: string,
  headers: readonly HeaderField[] = [],
): Refusal => ({ status, why, headers });

/** Whether it is one. */
export const isRefused = <T extends object>(one: T | Refusal): one is Refusal => "why" in one;
