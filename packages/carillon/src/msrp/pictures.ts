/**
 * The machines of MSRP drawn: specimens of their states and inputs. docs/machines.md shows them.
 */
import { drawn, type Picture } from "../usage/picture.ts";
import * as arriving from "./arriving.ts";
import * as binding from "./binding.ts";
import * as sending from "./sending.ts";

/** Every machine of MSRP, run and drawn, as `pictures` of `carillon/usage` has the others. */
export const msrpPictures = (): readonly Picture[] => [sent(), arrived(), bound()];

const reporting = { success: true, failure: "yes" } as const;
const outgoing: sending.Params = {
  ...{ total: 10_000, reporting, chunkOctets: 8000, windowOctets: 12_000, reportMs: 120_000 },
};
const nothingYet = { unanswered: [], reported: [] };
const first = { id: "aaaa", start: 0, end: 8000, timer: 30_000 };

const sent = (): Picture =>
  drawn({
    title: "A message over MSRP, the side that sends it",
    file: "msrp/sending.ts",
    source: "RFC 4975 §7.1.1",
    machine: sending,
    params: outgoing,
    states: [
      { name: "Sending", next: 0, chunk: undefined, ...nothingYet },
      { name: "Sending", next: 4000, chunk: { id: "aaaa", start: 0 }, ...nothingYet },
      { name: "Sending", next: 8000, chunk: undefined, unanswered: [first], reported: [] },
      { name: "Paused", next: 8000, unanswered: [first], reported: [] },
      {
        ...{ name: "Waiting", next: 10_000, unanswered: [{ ...first, start: 8000, end: 10_000 }] },
        ...{ reported: [{ start: 0, end: 8000 }], timerReport: 120_000 },
      },
      {
        ...{ name: "Waiting", next: 10_000, unanswered: [] },
        ...{ reported: [{ start: 0, end: 8000 }], timerReport: 120_000 },
      },
      { name: "Done" },
      { name: "Failed", status: 413, arrived: 0 },
    ],
    inputs: [
      [{ kind: "Room", octets: 4000, id: "bbbb" }, 7],
      [{ kind: "Room", octets: 20_000, id: "bbbb" }, 7],
      [{ kind: "Interrupt" }, 7],
      [{ kind: "Response", id: "aaaa", status: 200 }, 7],
      [{ kind: "Response", id: "aaaa", status: 413 }, 7],
      [{ kind: "Report", start: 0, end: 8000, status: 200 }, 7],
      [{ kind: "Report", start: 0, end: 10_000, status: 200 }, 7],
      [{ kind: "Report", start: 0, end: 10_000, status: 408 }, 7],
      [{ kind: "Pause" }, 7],
      [{ kind: "Resume" }, 7],
      [{ kind: "Abort", id: "cccc" }, 7],
      [{ kind: "Lost" }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 30_000],
      [{ kind: "Tick" }, 120_000],
    ],
  });

const incoming: arriving.Params = {
  ...{ maxOctets: 20_000, reports: true, reportOctets: 4000, idleMs: 120_000 },
};
const some = { total: undefined, reported: 0, timer: 120_000 };

const arrived = (): Picture =>
  drawn({
    title: "A message over MSRP, the side that gets it",
    file: "msrp/arriving.ts",
    source: "RFC 4975 §7.3.1",
    machine: arriving,
    params: incoming,
    states: [
      { name: "Arriving", spans: [], at: undefined, ...some },
      { name: "Arriving", spans: [], at: 0, ...some },
      { name: "Arriving", spans: [{ start: 0, end: 4000 }], at: 4000, ...some },
      {
        name: "Arriving",
        spans: [{ start: 4000, end: 8000 }],
        at: undefined,
        ...some,
        total: 8000,
      },
      { name: "Checking", total: 8000 },
      { name: "Terminated" },
    ],
    inputs: [
      [{ kind: "Chunk", start: 0, total: undefined }, 7],
      [{ kind: "Chunk", start: 0, total: 8000 }, 7],
      [{ kind: "Chunk", start: 30_000, total: undefined }, 7],
      [{ kind: "Octets", count: 4000 }, 7],
      [{ kind: "Octets", count: 30_000 }, 7],
      [{ kind: "End", flag: "+" }, 7],
      [{ kind: "End", flag: "$" }, 7],
      [{ kind: "End", flag: "#" }, 7],
      [{ kind: "Checked", status: 200 }, 7],
      [{ kind: "Checked", status: 400 }, 7],
      [{ kind: "Lost" }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 120_000],
    ],
  });

const bound = (): Picture =>
  drawn({
    title: "The connection of an MSRP session",
    file: "msrp/binding.ts",
    source: "RFC 4975 §5.4",
    machine: binding,
    params: { waitMs: 30_000 },
    states: [
      { name: "Waiting", timer: 30_000 },
      { name: "Bound", connection: 1 },
      { name: "Terminated" },
    ],
    inputs: [
      [{ kind: "Request", connection: 1 }, 7],
      [{ kind: "Request", connection: 2 }, 7],
      [{ kind: "Opened", connection: 1 }, 7],
      [{ kind: "Closed", connection: 1 }, 7],
      [{ kind: "Closed", connection: 2 }, 7],
      [{ kind: "Leave" }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 30_000],
    ],
  });
