/** RFC 6337 §4: what crosses on its way, row by row of tables 3 and 4, and figures 4 to 19. */
import { over } from "./exchange.ts";

/** What crosses: M1 and its answer M3 on the way while M2 arrives, from the two ends' sides. */
export interface Crossing {
  readonly row: string;
  /** Up to what must not be, and what is said of it. */
  readonly refused: readonly (readonly [lines: readonly string[], outcome: string])[];
  /** And all goes on: the answer that was on its way is still the answer. */
  readonly later?: readonly [lines: readonly string[], outcome: string];
}

const ANSWERED_A = "Agreed (remote answered)";
/** B's re-INVITE(0), which A answers early. */
const ANSWERED_EARLY = [...over("B", "INVITE(0)"), "A> 1xx-rel(00)", "B< 1xx-rel(00)"];

export const TABLE_3: readonly Crossing[] = [
  {
    row: "UPDATE, 2xx-UPD, UPDATE",
    refused: [
      [[...over("A", "UPDATE(1)"), "B> 2xx-UPDATE(2)", "B> UPDATE(3)", "A< UPDATE(3)"], "491 UcU"],
    ],
    later: [["A< 2xx-UPDATE(2)"], ANSWERED_A],
  },
  {
    row: "UPDATE, 2xx-UPD, INVITE",
    refused: [
      [[...over("A", "UPDATE(1)"), "B> 2xx-UPDATE(2)", "B> INVITE(3)", "A< INVITE(3)"], "491 UcI"],
    ],
    later: [["A< 2xx-UPDATE(2)"], ANSWERED_A],
  },
  {
    row: "UPDATE, 2xx-UPD, 1xx-INV or 2xx-INV: figure 4",
    refused: [
      [[...over("A", "UPDATE(1)"), "A> INVITE"], "UAC-UI"],
      [[...over("A", "UPDATE(1)"), "A! INVITE", "B< INVITE"], "500 UsI"],
    ],
    later: [["B> 2xx-UPDATE(2)", "A< 2xx-UPDATE(2)"], ANSWERED_A],
  },
  {
    row: "UPDATE, 2xx-UPD, 1xx-INV or 2xx-INV: figure 5",
    refused: [
      [[...over("A", "INVITE"), "A> UPDATE(1)"], "UAC-IU"],
      [[...over("A", "INVITE"), "A! UPDATE(1)", "B< UPDATE(1)"], "500 IsU"],
    ],
    later: [["B> 2xx-INVITE(2)", "A< 2xx-INVITE(2)", "A> ACK(3)", "B< ACK(3)"], ANSWERED_A],
  },
  {
    row: "UPDATE, 2xx-UPD, PRACK: figure 9",
    refused: [
      [[...ANSWERED_EARLY, "A> UPDATE(1)"], "UAC-IU"],
      [[...ANSWERED_EARLY, "A! UPDATE(1)", "B> PRACK(2)", "B< UPDATE(1)"], "491 IcU"],
    ],
    later: [["A< PRACK(2)", "A> 2xx-PRACK(3)", "B< 2xx-PRACK(3)"], ANSWERED_A],
  },
  {
    row: "PRACK, 2xx-PRA, UPDATE",
    refused: [
      [
        [
          ...[...over("A", "INVITE(0)"), ...over("B", "1xx-rel(00)"), ...over("A", "PRACK(1)")],
          ...["B> 2xx-PRACK(2)", "B> UPDATE(3)", "A< UPDATE(3)"],
        ],
        "491 IcU",
      ],
    ],
    later: [["A< 2xx-PRACK(2)"], ANSWERED_A],
  },
  {
    row: "2xx-INV, ACK, UPDATE",
    refused: [
      [
        [
          ...[...over("B", "INVITE"), ...over("A", "2xx-INVITE(1)")],
          ...["B> ACK(2)", "B> UPDATE(3)", "A< UPDATE(3)"],
        ],
        "500 IsU",
      ],
    ],
    later: [["A< ACK(2)"], ANSWERED_A],
  },
  {
    row: "2xx-INV, ACK, INVITE",
    refused: [
      [
        [
          ...[...over("B", "INVITE"), ...over("A", "2xx-INVITE(1)")],
          ...["B> ACK(2)", "B> INVITE(3)", "A< INVITE(3)"],
        ],
        "500 IsI",
      ],
    ],
    later: [["A< ACK(2)"], ANSWERED_A],
  },
  {
    row: "1xx-rel, PRACK, UPDATE: figure 6",
    refused: [
      [
        [...over("B", "INVITE"), ...over("A", "1xx-rel(1)"), "B> PRACK(2)", "B> UPDATE(3)"],
        "UAC-IU",
      ],
      [
        [
          ...[...over("B", "INVITE"), ...over("A", "1xx-rel(1)"), "B> PRACK(2)"],
          ...["B! UPDATE(3)", "A< UPDATE(3)"],
        ],
        "500 IsU",
      ],
    ],
    later: [["A< PRACK(2)"], ANSWERED_A],
  },
  {
    row: "INVITE, 1xx-rel, UPDATE: figure 7",
    refused: [
      [[...over("A", "INVITE(1)"), "B> 1xx-rel(2)", "B> UPDATE(3)"], "UAC-IU"],
      [[...over("A", "INVITE(1)"), "B> 1xx-rel(2)", "B! UPDATE(3)", "A< UPDATE(3)"], "491 IcU"],
    ],
    later: [["A< 1xx-rel(2)"], ANSWERED_A],
  },
  {
    row: "INVITE, 2xx-INV, UPDATE: figure 8",
    refused: [
      [[...over("A", "INVITE(1)"), "B> 2xx-INVITE(2)", "B> UPDATE(3)"], "UAC-IU"],
      [[...over("A", "INVITE(1)"), "B> 2xx-INVITE(2)", "B! UPDATE(3)", "A< UPDATE(3)"], "491 IcU"],
    ],
    later: [["A< 2xx-INVITE(2)"], ANSWERED_A],
  },
];

export const TABLE_4: readonly Crossing[] = [
  {
    row: "re-INVITE, re-INVITE",
    refused: [
      [["A> INVITE(1)", "B> INVITE(2)", "A< INVITE(2)"], "491 IcI"],
      [["A> INVITE(1)", "B> INVITE(2)", "A< INVITE(2)", "B< INVITE(1)"], "491 IcI"],
    ],
  },
  {
    row: "re-INVITE, UPDATE",
    refused: [
      [["A> INVITE(1)", "B> UPDATE(2)", "A< UPDATE(2)"], "491 IcU"],
      [["A> INVITE(1)", "B> UPDATE(2)", "A< UPDATE(2)", "B< INVITE(1)"], "491 UcI"],
    ],
  },
  {
    row: "UPDATE, UPDATE: figure 10, and 14",
    refused: [
      [["A> UPDATE(1)", "B> UPDATE(2)", "A< UPDATE(2)"], "491 UcU"],
      [["A> UPDATE(1)", "B> UPDATE(2)", "A< UPDATE(2)", "B< UPDATE(1)"], "491 UcU"],
    ],
  },
  {
    row: "UPDATE, 1xx-rel: figure 12",
    refused: [
      [[...over("A", "INVITE"), "A> UPDATE(1)"], "UAC-IU"],
      [[...over("A", "INVITE"), "A! UPDATE(1)", "B> 1xx-rel(2)", "B< UPDATE(1)"], "500 IsU"],
    ],
    later: [["A< 1xx-rel(2)", "A> PRACK(3)", "B< PRACK(3)"], ANSWERED_A],
  },
  {
    row: "UPDATE, 2xx-INV: figure 12",
    refused: [
      [[...over("A", "INVITE"), "A! UPDATE(1)", "B> 2xx-INVITE(2)", "B< UPDATE(1)"], "500 IsU"],
    ],
    later: [["A< 2xx-INVITE(2)", "A> ACK(3)", "B< ACK(3)"], ANSWERED_A],
  },
  {
    row: "UPDATE, 1xx-rel or 2xx-INV: figure 13",
    refused: [
      [["A> UPDATE(1)", "A> INVITE"], "UAC-UI"],
      [["A> UPDATE(1)", "A! INVITE", "B< INVITE", "B> 1xx-rel(2)", "B< UPDATE(1)"], "500 IsU"],
      [["A> UPDATE(1)", "A! INVITE", "B< INVITE", "B> 2xx-INVITE(2)", "B< UPDATE(1)"], "500 IsU"],
    ],
  },
  {
    row: "UPDATE, PRACK: figure 11",
    refused: [
      [[...ANSWERED_EARLY, "A> UPDATE(1)"], "UAC-IU"],
      [[...ANSWERED_EARLY, "A! UPDATE(1)", "B> PRACK(2)", "B< UPDATE(1)"], "491 IcU"],
    ],
    later: [["A< PRACK(2)", "A> 2xx-PRACK(3)", "B< 2xx-PRACK(3)"], ANSWERED_A],
  },
];

/** Figures 14 to 19: the rules of §4.3 each by itself. */
export const FIGURES: readonly Crossing[] = [
  {
    row: "figure 14: UAC-UU and UAS-UcU",
    refused: [[["B> UPDATE(1)", "A> UPDATE(2)", "B< UPDATE(2)"], "491 UcU"]],
  },
  {
    row: "figure 15: UAC-UU and UAS-UsU",
    refused: [
      [["A> UPDATE(1)", "A> UPDATE(2)"], "UAC-UU"],
      [["A> UPDATE(1)", "B< UPDATE(1)", "A! UPDATE(2)", "B< UPDATE(2)"], "500 UsU"],
    ],
  },
  {
    row: "figure 16: UAC-UI and UAS-UcI",
    refused: [
      [[...over("B", "UPDATE(1)"), "A> INVITE"], "UAC-UI"],
      [["B> UPDATE(1)", "A! INVITE", "B< INVITE"], "491 UcI"],
    ],
  },
  {
    row: "figure 17: UAC-UI and UAS-UsI",
    refused: [
      [["A> UPDATE(1)", "A> INVITE"], "UAC-UI"],
      [[...over("A", "UPDATE(1)"), "A! INVITE", "B< INVITE"], "500 UsI"],
    ],
  },
  {
    row: "figure 18: UAC-IU and UAS-IcU",
    refused: [
      [[...over("B", "INVITE"), ...over("A", "1xx-rel(0)"), "A> UPDATE(1)"], "UAC-IU"],
      [
        [...over("B", "INVITE"), ...over("A", "1xx-rel(0)"), "A! UPDATE(1)", "B< UPDATE(1)"],
        "491 IcU",
      ],
    ],
  },
  {
    row: "figure 19: UAC-IU and UAS-IsU",
    refused: [
      [[...over("A", "INVITE"), ...over("B", "1xx-rel(0)"), "A> UPDATE(1)"], "UAC-IU"],
      [
        [...over("A", "INVITE"), ...over("B", "1xx-rel(0)"), "A! UPDATE(1)", "B< UPDATE(1)"],
        "500 IsU",
      ],
    ],
  },
  {
    row: "UAC-II and UAS-IsI",
    refused: [
      [[...over("A", "INVITE(1)"), "A> INVITE(2)"], "UAC-II"],
      [[...over("A", "INVITE(1)"), "A! INVITE(2)", "B< INVITE(2)"], "500 IsI"],
    ],
  },
];
