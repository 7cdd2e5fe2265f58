/** How far a message has come: a mark with its words, shown for the last one, said for each. */

import type { ConversationView, Item } from "carillon/chat";
import { Check, CheckCheck, CircleAlert, Clock, Eye } from "lucide-react";
import type { ReactNode } from "react";
import { type Mark, tickWords } from "./tick-words.ts";
import { useNames } from "./use-names.ts";

const ICONS = {
  ...{ Waiting: Clock, Sent: Check, Delivered: CheckCheck, Displayed: Eye, Failed: CircleAlert },
} as const satisfies Record<Mark, unknown>;

const TONES: Readonly<Record<Mark, string>> = {
  ...{ Waiting: "text-ink-2", Sent: "text-ink-2", Delivered: "text-ink-2" },
  ...{ Displayed: "text-live", Failed: "text-stop" },
};

export interface TicksProps {
  readonly item: Item;
  readonly view: ConversationView;
  /** Whether its words stand beside it. */
  readonly spelled: boolean;
}

export function Ticks({ item, view, spelled }: TicksProps): ReactNode {
  const { mark, words } = tickWords(item, view, useNames());
  const Icon = ICONS[mark];
  return (
    <span
      className={`inline-flex items-center gap-1 ${TONES[mark]}`}
      data-testid="tick"
      data-state={mark}
      title={words}
    >
      <Icon size={14} aria-hidden="true" className="shrink-0" />
      <bdi className={spelled || mark === "Failed" ? "" : "sr-only"}>{words}</bdi>
    </span>
  );
}
