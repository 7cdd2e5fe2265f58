/** What happens to a conversation on this device, beside what the journal tells. */
import type { FileReference } from "../documents/file-reference.ts";

/** A message that was written here, and is not in the journal yet. */
export interface Written {
  readonly id: string;
  /** In ms since 1970, by this device's clock. */
  readonly at: number;
  readonly contentType: string;
  readonly text: string;
  readonly file?: FileReference;
  readonly replyTo?: string;
}

/** What happens here, in the conversation with `conversation`. */
export type LocalEvent = { readonly conversation: string } & (
  | ({ readonly kind: "Written" } & Written)
  /** The server has it: a 2xx. */
  | { readonly kind: "Accepted"; readonly id: string }
  | { readonly kind: "Refused"; readonly id: string; readonly why: string }
  /** One that was refused is tried once more. */
  | { readonly kind: "Again"; readonly id: string }
  /** One that was refused is thrown away. */
  | { readonly kind: "Forgotten"; readonly id: string }
  /** A change to one's own message is on its way: an edit with a text, a retraction without. */
  | { readonly kind: "Changing"; readonly key: string; readonly id: string; readonly text?: string }
  | { readonly kind: "ChangeAccepted" | "ChangeRefused"; readonly key: string }
  /** This device has shown everything to this number. */
  | { readonly kind: "Shown"; readonly upTo: number }
  | { readonly kind: "Composing"; readonly from: string; readonly isComposing: boolean }
  /** The server has taken a change to a group, which the journal will tell. */
  | { readonly kind: "Grouped"; readonly title: string; readonly members: readonly string[] }
  /** An earlier page is about to be added, with so many entries from this number on. */
  | {
      readonly kind: "Earlier";
      readonly count: number;
      readonly from: number;
      readonly isWhole: boolean;
    }
);
