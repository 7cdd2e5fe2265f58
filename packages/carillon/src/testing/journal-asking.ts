/** Asking for journals in octets: for tests of `messaging`. */
import { JOURNAL_TYPE, type JournalPage, parseJournalPage } from "../documents/journal.ts";
import { formatJournalQuery, type JournalQuery } from "../documents/journal-query.ts";
import type { Octets } from "../grammar/octets.ts";
import { formatEvent } from "../message/header/event.ts";
import { type DomainStage, type Place, request, type Sent } from "./domain-stage.ts";
import { address, BOB } from "./message-office.ts";

export interface Asking {
  /** Who asks; bob if left out. */
  readonly account?: string;
  /** For whose journal; their own if left out. */
  readonly of?: string;
  readonly from?: Place;
  readonly expires?: number;
  readonly callId?: string;
}

/** A SUBSCRIBE to a journal. */
export function subscribeText(
  stage: DomainStage,
  query: JournalQuery,
  { account = "bob", of = account, from = BOB, expires = 600, callId = "s1" }: Asking = {},
): Octets {
  const event = { type: "carillon-journal", id: undefined, params: formatJournalQuery(query) };
  const contact = typeof from === "number" ? "x.invalid;transport=ws" : from;
  return request("SUBSCRIBE", {
    ...{ uri: address(of), to: `<${address(of)}>`, callId, branch: `z9hG4bK-${callId}` },
    from: `<${address(account)}>;tag=w`,
    ...(typeof from === "number" && { via: `SIP/2.0/WS x.invalid;branch=z9hG4bK-${callId}` }),
    lines: [
      `Proxy-Authorization: ${stage.token(account)}`,
      `Contact: <sip:${account}@${contact}>`,
      ...[`Event: ${formatEvent(event)}`, `Expires: ${expires}`, `Accept: ${JOURNAL_TYPE}`],
    ],
  });
}

/** What a NOTIFY says. */
export function pageIn({ message }: Sent): JournalPage {
  const page = parseJournalPage(message.body);
  if (!page.ok) throw new Error(message.body);
  return page.value;
}
