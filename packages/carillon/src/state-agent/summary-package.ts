/** What waits in somebody's mailbox, as a package of a server. RFC 3842. */
import { formatMessageSummary, MESSAGE_SUMMARY_TYPE } from "../documents/message-summary.ts";
import { NOT_TOLD, plainStanding } from "./handling.ts";
import type { Listeners } from "./listeners.ts";
import type { Mailboxes } from "./mailboxes.ts";
import type { Rules } from "./rules.ts";
import type { ServedPackage } from "./source.ts";

export interface SummaryPackageParts {
  readonly mailboxes: Mailboxes;
  readonly listeners: Listeners;
  readonly rules: Rules;
  readonly addressOf: (account: string) => string;
}

export const summaryPackage = (parts: SummaryPackageParts): ServedPackage => ({
  ...{ event: "message-summary", accept: [MESSAGE_SUMMARY_TYPE], expiresSeconds: 3600 },
  minGapMs: 1000,
  open: (asked, changed) => {
    const { mailboxes, listeners, rules, addressOf } = parts;
    const { resource } = asked;
    const standing = () => plainStanding(rules, asked);
    if (standing() !== "Allowed") return NOT_TOLD;
    const written = () =>
      formatMessageSummary({
        account: addressOf(resource),
        ...withoutNone(mailboxes.of(resource)),
      });
    let last = "";
    const listener = () => {
      if (standing() !== "Allowed" || written() !== last) changed();
    };
    listeners.add(resource, listener);
    return {
      body: () => {
        last = written();
        return { contentType: MESSAGE_SUMMARY_TYPE, body: last };
      },
      standing: () => (standing() === "Allowed" ? "Allowed" : "Refused"),
      closed: () => listeners.remove(resource, listener),
    };
  },
});

/** An account that is not said leaves ours in its place. */
const withoutNone = ({ account, ...rest }: ReturnType<Mailboxes["of"]>) =>
  account === undefined ? rest : { ...rest, account };
