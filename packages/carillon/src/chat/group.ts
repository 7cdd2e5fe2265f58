/** Making and changing groups: a list of members, sent to the address of the group. RFC 4826. */
import { CPIM_TYPE } from "../documents/cpim.ts";
import {
  formatResourceLists,
  RESOURCE_LISTS_TYPE,
  type ResourceList,
} from "../documents/resource-lists.ts";
import { newTimer } from "../endpoint/wheel.ts";
import { toText } from "../grammar/octets.ts";
import { SipError } from "../ua/sip-error.ts";
import { backOffMs } from "../usage/back-off.ts";
import type { ConversationDesk } from "./conversation-desk.ts";
import type { Outcome } from "./outbox.ts";
import { sendSheet } from "./send-letter.ts";
import { wrapMessage } from "./wrapped-message.ts";

/** Tries without an answer, and the waits between them. */
const MAX_TRIES = 6;
const BACK_OFF = { baseMs: 1000, maxMs: 16_000 };

/** Says who is in a group. Rejects with a SipError if the server refuses, or says nothing. */
export function sayMembers(
  desk: ConversationDesk,
  uri: string,
  title: string,
  members: readonly string[],
): Promise<void> {
  const { agent, inTurn, now } = desk.parts;
  const list: ResourceList = {
    ...{ name: undefined, displayName: title, lists: [] },
    entries: [...new Set(members)].map((member) => ({ uri: member })),
  };
  const messageId = agent.endpoint.ids.unique();
  const envelope = { from: desk.own, to: uri, messageId, dateTime: new Date(now()) };
  const content = { contentType: RESOURCE_LISTS_TYPE, body: toText(formatResourceLists([list])) };
  // With a Message-ID: what is sent again is taken once.
  const sheet = { to: uri, contentType: CPIM_TYPE, body: wrapMessage(envelope, content, []) };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let tries = 0;
  const again = newTimer({ due: () => attempt() });
  const attempt = (): void => sendSheet(agent, sheet, (outcome) => settle(outcome));
  const settle = (outcome: Outcome): void => {
    if (outcome.kind === "Accepted") {
      desk.apply([{ kind: "Grouped", conversation: uri, title, members }]);
      return resolve();
    }
    if (outcome.kind === "Refused" || ++tries >= MAX_TRIES || desk.isOver) {
      return reject(new SipError("SIP_REJECTED", outcome.why));
    }
    const { endpoint } = agent;
    const wait = backOffMs(BACK_OFF, tries - 1, endpoint.ids.fraction());
    endpoint.schedule(again, endpoint.now + wait);
  };
  inTurn(attempt);
  return promise;
}
