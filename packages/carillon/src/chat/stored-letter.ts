/** Letters as a store has them: an older version or another program may have written them. */
import { fileReferenceIn } from "../documents/file-reference.ts";
import { MAX_ADDRESS, MAX_MESSAGE_BODY, MAX_MESSAGE_ID } from "../documents/journal.ts";
import {
  type Check,
  countOf,
  jsonIn,
  listOf,
  objectOf,
  textOf,
  wordOf,
} from "../documents/json-fields.ts";
import { isToken } from "../grammar/chars.ts";
import { parseContentType } from "../message/header/content-type.ts";
import { addressIn } from "./chat-address.ts";
import {
  LAST_DATE_MS,
  type Letter,
  type LetterKind,
  MAX_DISPLAYED,
  type ShownMessage,
} from "./letter.ts";

/** What we call letters: random, and short enough to be a boundary. */
const MAX_OWN_ID = 60;

const id = textOf(MAX_MESSAGE_ID, 1);
const text = textOf(MAX_MESSAGE_BODY);
const dateMs: Check<number> = (value) =>
  typeof value === "number" && value >= 0 && value <= LAST_DATE_MS ? value : undefined;
const ownId: Check<string> = (value) =>
  typeof value === "string" && value.length <= MAX_OWN_ID && isToken(value) ? value : undefined;
const address: Check<string> = (value) => {
  const given = textOf(MAX_ADDRESS, 1)(value);
  return given !== undefined && addressIn(given) !== undefined ? given : undefined;
};
const contentType: Check<string> = (value) => {
  const given = textOf(256, 1)(value);
  return given !== undefined && parseContentType(given).ok ? given : undefined;
};

const shown: Check<readonly ShownMessage[]> = (value) => {
  const all = listOf(objectOf<ShownMessage>({ id, wroteAt: dateMs }), MAX_DISPLAYED)(value);
  return all && all.length > 0 ? all : undefined;
};

const KINDS: { readonly [K in LetterKind["kind"]]: Check<Extract<LetterKind, { kind: K }>> } = {
  Message: objectOf<Extract<LetterKind, { kind: "Message" }>>({
    ...{ kind: wordOf("Message"), contentType, text },
    ...{ file: { optional: fileReferenceIn }, replyTo: { optional: id } },
  }),
  Edit: objectOf<Extract<LetterKind, { kind: "Edit" }>>({ kind: wordOf("Edit"), of: id, text }),
  Retract: objectOf<Extract<LetterKind, { kind: "Retract" }>>({ kind: wordOf("Retract"), of: id }),
  Read: objectOf<Extract<LetterKind, { kind: "Read" }>>({ kind: wordOf("Read"), upTo: countOf }),
  Displayed: objectOf<Extract<LetterKind, { kind: "Displayed" }>>({
    kind: wordOf("Displayed"),
    of: shown,
  }),
};

const what: Check<LetterKind> = (value) => {
  const kind = objectOf({ kind: textOf(32, 1) })(value)?.kind ?? "";
  return Object.hasOwn(KINDS, kind) ? KINDS[kind as LetterKind["kind"]](value) : undefined;
};

const letter = objectOf<Letter>({
  ...{ id: ownId, nth: countOf, to: address, conversation: address, at: dateMs, what },
  failed: { optional: textOf(1000) },
});

/** Undefined for what is no letter: nothing of it is sent. */
export const storedLetter = (written: string): Letter | undefined => letter(jsonIn(written));
