/** What a MESSAGE brings: words, a receipt, a list, or word that somebody is writing. RFC 3428. */
import { CPIM_TYPE, parseCpim } from "../documents/cpim.ts";
import { IMDN_TYPE } from "../documents/imdn.ts";
import { IS_COMPOSING_TYPE, parseIsComposing } from "../documents/is-composing.ts";
import { MAX_MESSAGE_BODY } from "../documents/journal.ts";
import {
  parseResourceLists,
  RESOURCE_LISTS_TYPE,
  type ResourceEntry,
  type ResourceList,
} from "../documents/resource-lists.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { isMediaType, type MediaType, parseContentType } from "../message/header/content-type.ts";
import { elements, header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { type BodyPart, parseMultipart } from "../message/multipart.ts";
import { type Content, contentOf } from "./content.ts";
import { type MessageHeaders, messageHeaders, NO_HEADERS } from "./message-headers.ts";
import { readReceipts, type ToldReceipt } from "./received-receipts.ts";
import { isRefused, type Refusal, refusal } from "./refusal.ts";

/** What a MESSAGE brings. */
export type Received =
  /** Something to show; `replaces` among its headers: in the place of something else. */
  | { readonly kind: "Words"; readonly headers: MessageHeaders; readonly content: Content }
  /** Something is taken back. */
  | { readonly kind: "Retraction"; readonly headers: MessageHeaders; readonly of: string }
  /** Its sender has seen their own journal up to here. */
  | { readonly kind: "ReadMark"; readonly upTo: number }
  /** What became of messages. */
  | { readonly kind: "Receipts"; readonly told: readonly ToldReceipt[] }
  /** Somebody is writing, or has stopped. */
  | { readonly kind: "Composing"; readonly document: Octets }
  /** Who is in a group. */
  | { readonly kind: "Members"; readonly headers: MessageHeaders; readonly list: ResourceList };

/** With those it is for, where it brings a list of them. RFC 5365 §4. */
export interface ReceivedMessage {
  readonly what: Received;
  /** Undefined: it is for whom its Request-URI names. */
  readonly recipients: readonly ResourceEntry[] | undefined;
}

/** Octets of headers within a message/cpim, and of the parts around a list. */
const AROUND = 8192;
/** Types that are taken, for the Accept of a 415. */
const ACCEPTED = [
  ...["text/plain", "text/*", "image/*", "audio/*", "video/*", CPIM_TYPE, IS_COMPOSING_TYPE],
  ...[RESOURCE_LISTS_TYPE, "multipart/mixed"],
].join(", ");
const LIST_TAG = "recipient-list-message";

interface Body {
  readonly type: Octets;
  readonly octets: Octets;
  readonly transferEncoding: Octets | undefined;
}

/** Reads a MESSAGE. */
export function readMessage(request: Request): ReceivedMessage | Refusal {
  const problem = notTaken(request);
  if (problem) return problem;
  const contentType = header(request, "Content-Type");
  if (contentType === undefined) return refusal(400, "a message without a Content-Type");
  const read = bodyAndList({
    ...{ type: contentType, octets: request.body, transferEncoding: undefined },
  });
  if (isRefused(read)) return withAccept(read);
  const { body, recipients } = read;
  const what = withAccept(receivedIn(body, NO_HEADERS));
  return isRefused(what) ? what : { what, recipients };
}

/** Why it is not even looked into. */
function notTaken(request: Request): Refusal | undefined {
  const required = elements(request, "Require");
  const unknown = required.ok ? required.value.filter((tag) => tag !== LIST_TAG) : [];
  //= RFC 3261 §8.2.2.3
  //# If a UAS does not understand an option-tag listed in a Require header field, it MUST respond
  //# by generating a response with status code 420 (Bad Extension).
  if (unknown.length > 0) {
    return refusal(420, "Require is not supported", [["Unsupported", unknown.join(", ")]]);
  }
  const coding = header(request, "Content-Encoding")?.trim().toLowerCase() ?? "identity";
  if (coding !== "identity" && coding !== "") {
    return refusal(415, "a message is not compressed", [["Accept-Encoding", "identity"]]);
  }
  return request.body.length > MAX_MESSAGE_BODY + AROUND
    ? tooLarge(request.body.length)
    : undefined;
}

//= RFC 3261 §21.4.11
//# The server is refusing to process a request because the request entity-body is larger than the
//# server is willing or able to process.
const tooLarge = (octets: number): Refusal =>
  refusal(
    413,
    `a message holds up to ${MAX_MESSAGE_BODY} octets, and this has ${octets}: send it as a file`,
  );

//= RFC 3261 §8.2.3
//# If there are any bodies whose type (indicated by the Content-Type), language (indicated by the
//# Content-Language) or encoding (indicated by the Content-Encoding) are not understood, and that
//# body part is not optional (as indicated by the Content-Disposition header field), the UAS MUST
//# reject the request with a 415 (Unsupported Media Type) response.
function withAccept<T extends object>(read: T | Refusal): T | Refusal {
  if (!isRefused(read) || read.status !== 415) return read;
  const accept: HeaderField = ["Accept", ACCEPTED];
  return { ...read, headers: [...(read.headers ?? []), accept] };
}

interface BodyAndList {
  readonly body: Body;
  readonly recipients: readonly ResourceEntry[] | undefined;
}

/** A message alone, or beside a list of those it is for. */
function bodyAndList(body: Body): BodyAndList | Refusal {
  const type = parseContentType(body.type);
  if (!type.ok) return refusal(400, type.error.message);
  if (!isMediaType(type.value, "multipart/mixed")) return { body, recipients: undefined };
  const parts = parseMultipart(type.value, body.octets);
  if (!parts.ok) return refusal(400, parts.error.message);
  const lists = parts.value.filter(isRecipients);
  const [message, ...more] = parts.value.filter((one) => !lists.includes(one));
  const [list] = lists;
  if (!list || lists.length > 1) return refusal(400, "several parts, and no list of recipients");
  //= RFC 5365 §7.3
  //# If there is only one body left, the MESSAGE URI-list service MUST remove the multipart/mixed
  //# wrapper in the outgoing MESSAGE request.
  if (!message || more.length > 0)
    return refusal(415, "one message for all, and nothing beside it");
  const read = parseResourceLists(list.body);
  if (!read.ok) return refusal(400, read.error.message);
  //= RFC 5365 §7
  //# Since the MESSAGE URI-list service does not use hierarchical lists nor lists that include
  //# entries by reference to the XCAP root URI, a MESSAGE URI-list server receiving a URI list with
  //# more information than what has just been described MAY discard all the extra information.
  const recipients = read.value.flatMap(({ entries }) => entries);
  return { body: bodyOf(message), recipients };
}

const isRecipients = (part: BodyPart): boolean =>
  isMediaType(part.contentType, RESOURCE_LISTS_TYPE) &&
  /^recipient-list\b/i.test(inPart(part, "Content-Disposition") ?? "");

const inPart = ({ headers }: BodyPart, name: string): Octets | undefined =>
  headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];

const bodyOf = (part: BodyPart): Body => ({
  type: inPart(part, "Content-Type") ?? "text/plain",
  octets: part.body,
  transferEncoding: inPart(part, "Content-Transfer-Encoding"),
});

function receivedIn(body: Body, headers: MessageHeaders): Received | Refusal {
  const type = parseContentType(body.type);
  if (!type.ok) return refusal(400, type.error.message);
  const { value } = type;
  if (isMediaType(value, CPIM_TYPE)) {
    return headers === NO_HEADERS ? inCpim(body.octets) : refusal(415, "message/cpim in itself");
  }
  if (headers.isReceipt) return receiptsIn(value, body);
  if (isMediaType(value, IMDN_TYPE)) return refusal(415, "a receipt that does not say it is one");
  if (isMediaType(value, IS_COMPOSING_TYPE)) return composingIn(body.octets);
  if (headers.read !== undefined) return { kind: "ReadMark", upTo: headers.read };
  if (headers.retracts !== undefined) {
    return { kind: "Retraction", headers, of: headers.retracts };
  }
  if (isMediaType(value, RESOURCE_LISTS_TYPE)) return membersIn(body.octets, headers);
  if (body.octets.length > MAX_MESSAGE_BODY) return tooLarge(body.octets.length);
  const content = contentOf(body.type, body.octets, body.transferEncoding);
  if (isRefused(content)) return content;
  if (headers.replaces !== undefined && content.encoding) {
    return refusal(415, "text is put in the place of text");
  }
  return { kind: "Words", headers, content };
}

function inCpim(octets: Octets): Received | Refusal {
  const message = parseCpim(octets);
  if (!message.ok) return refusal(400, message.error.message);
  const headers = messageHeaders(message.value);
  if (isRefused(headers)) return headers;
  const { contentHeaders, content } = message.value;
  const body: Body = {
    ...{ type: contentHeaders.get("content-type") ?? "", octets: content },
    transferEncoding: contentHeaders.get("content-transfer-encoding"),
  };
  return receivedIn(body, headers);
}

function receiptsIn(type: MediaType, { octets }: Body): Received | Refusal {
  const told = readReceipts(type, octets);
  return told ? { kind: "Receipts", told } : refusal(400, "a receipt that cannot be read");
}

function composingIn(octets: Octets): Received | Refusal {
  const read = parseIsComposing(octets);
  return read.ok ? { kind: "Composing", document: octets } : refusal(400, read.error.message);
}

function membersIn(octets: Octets, headers: MessageHeaders): Received | Refusal {
  const lists = parseResourceLists(octets);
  if (!lists.ok) return refusal(400, lists.error.message);
  const [list, ...more] = lists.value;
  if (!list || more.length > 0) return refusal(400, "one list says who is in a group");
  return { kind: "Members", headers, list };
}
