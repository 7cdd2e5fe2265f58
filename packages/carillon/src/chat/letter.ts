/** What waits to be sent, and how it is written. RFC 3862, RFC 5438. */
import { chatExtensions } from "../documents/chat-headers.ts";
import type { FileReference } from "../documents/file-reference.ts";
import type { Imdn } from "../documents/imdn.ts";
import type { Octets } from "../grammar/octets.ts";
import { wrapMessage, wrapReceipts } from "./wrapped-message.ts";

/** Something for the server, kept until it has it. */
export interface Letter {
  /** Its Message-ID: what is sent again has the same, and is taken once. RFC 5438 §6.3 */
  readonly id: string;
  /** Grows: those to one address go in this order. */
  readonly nth: number;
  /** The address it goes to. */
  readonly to: string;
  /** Which conversation it belongs to. */
  readonly conversation: string;
  /** When it was written, in ms since 1970. */
  readonly at: number;
  readonly what: LetterKind;
  /** Why it was refused: it waits for somebody to try it again. */
  readonly failed?: string;
}

export type LetterKind =
  | {
      readonly kind: "Message";
      readonly contentType: string;
      readonly text: string;
      readonly file?: FileReference;
      readonly replyTo?: string;
    }
  /** `of`: the Message-ID of what is changed. */
  | { readonly kind: "Edit"; readonly of: string; readonly text: string }
  | { readonly kind: "Retract"; readonly of: string }
  /** To oneself: everything to this number has been shown. */
  | { readonly kind: "Read"; readonly upTo: number }
  /** That messages of theirs were shown; up to `MAX_DISPLAYED`. */
  | { readonly kind: "Displayed"; readonly of: readonly ShownMessage[] };

/** A message of another that was shown here. */
export interface ShownMessage {
  /** Its Message-ID. */
  readonly id: string;
  /** When it was written, in ms since 1970. */
  readonly wroteAt: number;
}

/** The last day of a date in RFC 3339; a server's clock may be beyond it. */
export const LAST_DATE_MS = 253_402_300_799_999;

/** With more of them a MESSAGE would be larger than a server takes. */
export const MAX_DISPLAYED = 30;

/** What a person wrote goes before what their device has to tell. */
export const isSaid = ({ what: { kind } }: Letter): boolean =>
  kind === "Message" || kind === "Edit" || kind === "Retract";

const PLAIN_TEXT = "text/plain;charset=UTF-8";

/** The body of the MESSAGE: message/cpim. `from` is one's own address. */
export function cpimOf({ id, to, at, what }: Letter, from: string): Octets {
  const envelope = { from, to, messageId: id, dateTime: new Date(at) };
  const text = (body: string) => ({ contentType: PLAIN_TEXT, body });
  switch (what.kind) {
    case "Message": {
      const { contentType, text: body, file, replyTo } = what;
      const more = { ...(file && { file }), ...(replyTo !== undefined && { replyTo }) };
      return wrapMessage(envelope, { contentType, body }, WISHES, chatExtensions(more));
    }
    case "Edit":
      return wrapMessage(envelope, text(what.text), [], chatExtensions({ replaces: what.of }));
    case "Retract":
      return wrapMessage(envelope, text(""), [], chatExtensions({ retracts: what.of }));
    case "Read":
      return wrapMessage(envelope, text(""), [], chatExtensions({ read: what.upTo }));
    case "Displayed":
      return wrapReceipts(
        envelope,
        what.of.map((one) => displayed(one, from)),
      );
  }
}

const WISHES = ["delivered", "displayed", "failed"] as const;

const displayed = ({ id, wroteAt }: ShownMessage, by: string): Imdn => ({
  ...{ messageId: id, kind: "display", status: "displayed", dateTime: new Date(wroteAt) },
  ...{ recipientUri: by, originalRecipientUri: undefined },
});
