/** The rows of docs/limits.md, by who can make something grow. */
import { BY_STRANGERS } from "./by-strangers.ts";
import { BY_THE_KNOWN } from "./by-the-known.ts";
import { BY_THE_OPERATOR } from "./by-the-operator.ts";
import { IN_THE_PROGRAM } from "./in-the-program.ts";
import type { Kept } from "./kept.ts";

export const TABLE: readonly { readonly who: string; readonly rows: readonly Kept[] }[] = [
  { who: "By strangers", rows: BY_STRANGERS },
  { who: "By people who live here, in the library", rows: BY_THE_KNOWN },
  { who: "By people who live here, in the program", rows: IN_THE_PROGRAM },
  { who: "By the operator", rows: BY_THE_OPERATOR },
];
