/** Specimens of the machine's states and inputs. */
import { drawn, type Picture } from "../picture.ts";
import type { Input, State } from "../reliable-provisional-client.ts";
import * as machine from "../reliable-provisional-client.ts";

const states: readonly State[] = [
  { name: "Listening", rseq: undefined, exchange: "Offered" },
  { name: "Listening", rseq: undefined, exchange: "Owed" },
  { name: "Listening", rseq: 100, exchange: "Offered" },
  { name: "Listening", rseq: 100, exchange: "Done" },
  { name: "Finished" },
];

const provisional = (status: number, rseq: number | undefined, description = false): Input => ({
  ...{ kind: "Provisional", status, required: rseq !== undefined, rseq },
  ...{ toTag: "bob", description },
});

const inputs: readonly (readonly [Input, number])[] = [
  [provisional(100, 101), 7],
  [provisional(180, undefined), 7],
  [provisional(180, 100), 7],
  [provisional(180, 101), 7],
  [provisional(183, 101, true), 7],
  [provisional(180, 103), 7],
  [{ ...provisional(180, 101), toTag: "" } as Input, 7],
  [{ kind: "Final" }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Abandon" }, 7],
];

export const reliableProvisionalClient = (): Picture =>
  drawn({
    title: "Reliable provisional responses, receiving",
    file: "usage/reliable-provisional-client.ts",
    source: "RFC 3262 §4",
    machine,
    params: { inviteOffered: true },
    states,
    inputs,
  });
