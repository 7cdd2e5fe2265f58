/** Which header fields have a place in which message. RFC 3261 §20, tables 2 and 3. */
import { parseCSeq } from "../message/cseq.ts";
import { hasHeader, header } from "../message/headers.ts";
import type { Message } from "../message/message.ts";

const METHODS = ["ACK", "BYE", "CANCEL", "INVITE", "OPTIONS", "REGISTER"];

/**
 * The rows of the tables without their column for proxies: name, where, and one mark for each of
 * ACK, BYE, CANCEL, INVITE, OPTIONS and REGISTER. An empty `where` is `any` here.
 */
const ROWS = `
Accept R - o - o m* o
Accept 2xx - - - o m* o
Accept 415 - c - c c c
Accept-Encoding R - o - o o o
Accept-Encoding 2xx - - - o m* o
Accept-Encoding 415 - c - c c c
Accept-Language R - o - o o o
Accept-Language 2xx - - - o m* o
Accept-Language 415 - c - c c c
Alert-Info R - - - o - -
Alert-Info 180 - - - o - -
Allow R - o - o o o
Allow 2xx - o - m* m* o
Allow r - o - o o o
Allow 405 - m - m m m
Authentication-Info 2xx - o - o o o
Authorization R o o o o o o
Call-ID c m m m m m m
Call-Info any - - - o o o
Contact R o - - m o o
Contact 1xx - - - o - -
Contact 2xx - - - m o o
Contact 3xx - o - o o o
Contact 485 - o - o o o
Content-Disposition any o o - o o o
Content-Encoding any o o - o o o
Content-Language any o o - o o o
Content-Length any t t t t t t
Content-Type any * * - * * *
CSeq c m m m m m m
Date any o o o o o o
Error-Info 300-699 - o o o o o
Expires any - - - o - o
From c m m m m m m
In-Reply-To R - - - o - -
Max-Forwards R m m m m m m
Min-Expires 423 - - - - - m
MIME-Version any o o - o o o
Organization any - - - o o o
Priority R - - - o - -
Proxy-Authenticate 407 - m - m m m
Proxy-Authenticate 401 - o o o o o
Proxy-Authorization R o o - o o o
Proxy-Require R - o - o o o
Record-Route R o o o o o -
Record-Route 2xx,18x - o o o o -
Reply-To any - - - o - -
Require any - c - c c c
Retry-After 404,413,480,486,500,503,600,603 - o o o o o
Route R c c c c c c
Server r - o o o o o
Subject R - - - o - -
Supported R - o o m* o o
Supported 2xx - o o m* m* o
Timestamp any o o o o o o
To c m m m m m m
Unsupported 420 - m - m m m
User-Agent any o o o o o o
Via R m m m m m m
Via rc m m m m m m
Warning r - o o o o o
WWW-Authenticate 401 - m - m m m
WWW-Authenticate 407 - o - o o o
`;

interface Row {
  readonly name: string;
  readonly where: string;
  readonly marks: readonly string[];
}

const TABLE: readonly Row[] = ROWS.trim()
  .split("\n")
  .map((line) => {
    const [name = "", where = "", ...marks] = line.split(" ");
    return { name, where, marks };
  });

/** What the tables hold, each name once. */
export const TABLED: readonly string[] = [...new Set(TABLE.map(({ name }) => name))];

/** The headers in this message that have no place in it; none of a method without a column. */
export const misplaced = (message: Message): readonly string[] =>
  TABLED.filter((name) => hasHeader(message, name) && !isApplicable(message, name));

/** The mandatory headers that this message does not have. */
export const missing = (message: Message): readonly string[] =>
  marksOf(message).flatMap(([name, mark]) =>
    mark === "m" && !hasHeader(message, name) ? [name] : [],
  );

export const isApplicable = (message: Message, name: string): boolean =>
  !METHODS.includes(methodOf(message)) ||
  marksOf(message).some(([each, mark]) => each === name && mark !== "-");

function marksOf(message: Message): readonly (readonly [name: string, mark: string])[] {
  const column = METHODS.indexOf(methodOf(message));
  return TABLE.filter(({ where }) => applies(where, message)).map(({ name, marks }) => [
    name,
    marks[column] ?? "-",
  ]);
}

function applies(where: string, message: Message): boolean {
  if (where === "any" || where === "c") return true;
  if (message.kind === "Request") return where === "R";
  if (where === "r" || where === "rc") return true;
  const { status } = message;
  return where.split(",").some((one) => {
    if (one === "300-699") return status >= 300;
    const digits = one.replaceAll("x", "");
    return digits !== "R" && String(status).startsWith(digits) && one.length === 3;
  });
}

function methodOf(message: Message): string {
  if (message.kind === "Request") return message.method;
  const cseq = parseCSeq(header(message, "CSeq") ?? "");
  return cseq.ok ? cseq.value.method : "";
}
