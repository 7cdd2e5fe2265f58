/** The examples of RFC 6337, each with what the machine of `sdp` makes of it. */
import { type Crossing, FIGURES, TABLE_3, TABLE_4 } from "./crossings.ts";
import { CALLS, exchange } from "./exchange.ts";
import { FIGURE_1, FIGURE_2, TABLE_1, TABLE_2 } from "./patterns.ts";

/** Some of RFC 6337's examples that belong together. */
export interface OfferAnswerTable {
  /** `§4.1, table 3: messages that cross`. */
  readonly title: string;
  /** In the RFC's order. */
  readonly rows: readonly OfferAnswerExample[];
}

/** One of them: a row of the RFC's table, or a figure. */
export interface OfferAnswerExample {
  /** As the RFC has it: `UPDATE, 2xx-UPD, INVITE`. */
  readonly name: string;
  /**
   * What goes over the wire, in its order, and what comes of it: `A> UPDATE(1)` is what A sends,
   * `B< UPDATE(1): Offered` that it comes to B, with the description of that name.
   */
  readonly messages: readonly string[];
}

/** Tables 1 to 4 and figures 1 to 19 of RFC 6337, in its order. */
export const offerAnswerTables = (): readonly OfferAnswerTable[] => [
  { title: "§2.2, table 1: the six patterns", rows: TABLE_1.flatMap(patternRows) },
  {
    title: "§2.3, table 2: how an offer is rejected",
    rows: TABLE_2.map(({ name, before, messages }) => row(name, before, messages)),
  },
  {
    title: "§3.1, figures 1 and 2: an INVITE with 100rel",
    rows: [
      row("figure 1, with an offer in the INVITE", [], FIGURE_1),
      row("figure 2, without one", [], FIGURE_2),
    ],
  },
  { title: "§4.1, table 3, figures 4 to 9: messages that cross", rows: TABLE_3.flatMap(crossed) },
  { title: "§4.2, table 4, figures 10 to 13: offers that cross", rows: TABLE_4.flatMap(crossed) },
  { title: "§4.3, figures 14 to 19: UPDATE and re-INVITE", rows: FIGURES.flatMap(crossed) },
];

function row(
  name: string,
  before: readonly string[],
  messages: readonly string[],
): OfferAnswerExample {
  return { name, messages: exchange(...before, ...messages).slice(before.length) };
}

const PHASES = { Ini: "at the beginning", Est: "in a call", Early: "in an early dialog" } as const;

function patternRows({ name, messages, phases }: (typeof TABLE_1)[number]) {
  const names = ["Ini", "Est", "Early"] as const;
  return names.map((phase) => {
    const { before, may } = phases[phase];
    const said = may === "Y" ? messages : messages.slice(0, 1);
    return row(`${name}, ${PHASES[phase]}`, before, said);
  });
}

/** In a call that A has made: what must not be; and then how it goes on all the same. */
function crossed({ row: name, refused, later }: Crossing): readonly OfferAnswerExample[] {
  return refused.map(([lines], n) => {
    const isLast = n === refused.length - 1;
    const variant = refused.length === 1 ? "" : ` (${n + 1})`;
    const all = isLast && later ? [...lines, ...later[0]] : lines;
    return row(`${name}${variant}`, CALLS.A, all);
  });
}
