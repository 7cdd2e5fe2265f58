/** What the readers of headers say about a value that breaks its grammar. */
import { bad, type Result } from "../../grammar/result.ts";

export type Refusal = Extract<Result<never>, { readonly ok: false }>;

/** Code `bad-header`, status 400. `source` is where the header's rule stands. */
export const badHeader = (what: string, offset: number, source: string): Refusal =>
  bad("bad-header", what, offset, source);
