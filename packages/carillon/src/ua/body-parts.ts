/** Bodies of several parts, as a call looks at them. RFC 5621 §4, §5. */
import type { Octets } from "../grammar/octets.ts";
import { parseContentDisposition } from "../message/header/content-disposition.ts";
import { parseContentType } from "../message/header/content-type.ts";
import { header } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import { type BodyPart, parseMultipart } from "../message/multipart.ts";

/** The parts of a message's body; the whole body is one where it is no multipart. */
export function partsIn(message: Message): readonly Part[] {
  const type = parseContentType(header(message, "Content-Type") ?? "");
  if (!type.ok) return [];
  if (type.value.type !== "multipart") {
    const disposition = header(message, "Content-Disposition") ?? "";
    return [{ type: `${type.value.type}/${type.value.subtype}`, disposition, body: message.body }];
  }
  const parts = parseMultipart(type.value, message.body);
  return parts.ok ? parts.value.flatMap(partsOf) : [];
}

//= RFC 5621 §4.2
//# Therefore, SIP UAs MUST support parsing 'multipart' MIME bodies, including nested body parts.
const partsOf = (part: BodyPart): readonly Part[] =>
  part.parts.length > 0 ? part.parts.flatMap(partsOf) : [partOf(part)];

/** One of them, or all there is. */
export interface Part {
  /** `application/sdp`, in lower case. */
  readonly type: string;
  /** The value of its Content-Disposition; empty if it has none. */
  readonly disposition: Octets;
  readonly body: Octets;
}

function partOf({ headers, contentType, body }: BodyPart): Part {
  const { type, subtype } = contentType;
  const said = headers.find(([name]) => name.toLowerCase() === "content-disposition");
  return { type: `${type}/${subtype}`, disposition: said?.[1] ?? "", body };
}

export const isSdp = ({ type }: Part): boolean => type === "application/sdp";

//= RFC 3261 §20.11
//# For backward-compatibility, if the Content-Disposition header field is missing, the server
//# SHOULD assume bodies of Content-Type application/sdp are the disposition "session", while other
//# content types are "render".
export function dispositionOf({ disposition }: Part): string {
  if (disposition === "") return "session";
  const read = parseContentDisposition(disposition);
  return read.ok ? read.value.token.toLowerCase() : "";
}

/** Whether a part may be left out of account by whoever cannot read it. RFC 5621 §8.2. */
export const isOptional = ({ disposition }: Part): boolean =>
  /;\s*handling\s*=\s*optional\b/i.test(disposition);
