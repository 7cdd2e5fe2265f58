/** The types of headers. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { NameAddr } from "../../uri/name-addr.ts";
import {
  type Contacts,
  type CSeq,
  composeRequest,
  formatContact,
  formatCSeq,
  type HeaderField,
  header,
  type Message,
  type Octets,
  type ParseError,
  parseContact,
  parseCSeq,
  parseFrom,
  parseMessage,
  parseSessionExpires,
  parseVia,
  type Request,
  type Response,
  type Result,
  readHeader,
  type SessionExpires,
  type ViaParm,
} from "../index.ts";

type Headers = typeof import("./index.ts");

/** The names behind every `parse…` of the folder: `Via`, `Contact`, … */
type Named = {
  [Name in keyof Headers]: Name extends `parse${infer Of}` ? Of : never;
}[keyof Headers];
type Reader<Of extends Named> = Headers[`parse${Of}` & keyof Headers];
type Writer<Of extends Named> = Headers[`format${Of}` & keyof Headers];

/** Those that are not read into a Result, of the value that is written from. */
type Unlike = {
  [Of in Named]: Reader<Of> extends (octets: Octets) => Result<infer Value>
    ? Writer<Of> extends (value: Value) => Octets
      ? never
      : Of
    : Of;
}[Named];

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

test("every header is read into a Result, and written from the value in it", () => {
  expectTypeOf<Unlike>().toBeNever();
  // That the types above find headers at all.
  expectTypeOf<Extract<Named, "Via" | "Contact" | "WwwAuthenticate" | "Subject">>().toEqualTypeOf<
    "Via" | "Contact" | "WwwAuthenticate" | "Subject"
  >();
});

test("a Result is a value or an error, told apart by ok", () => {
  expectTypeOf(parseMessage).toEqualTypeOf<(received: Octets) => Result<Message>>();
  compiled((read: Result<CSeq>) => {
    if (read.ok) expectTypeOf(read.value).toEqualTypeOf<CSeq>();
    else expectTypeOf(read.error).toEqualTypeOf<ParseError>();
    // @ts-expect-error: nobody has looked whether there is one
    const { value } = read;
    if (read.ok) {
      // @ts-expect-error: nothing was wrong
      return read.error;
    }
    return value;
  });
  expectTypeOf<ParseError["status"]>().toEqualTypeOf<number>();
  expectTypeOf<ParseError["offset"]>().toEqualTypeOf<number>();
  expectTypeOf<ParseError["source"]>().toEqualTypeOf<string>();
});

test("values are typed: numbers are numbers, addresses have their parts", () => {
  expectTypeOf(parseCSeq).returns.toEqualTypeOf<Result<CSeq>>();
  expectTypeOf<CSeq["number"]>().toEqualTypeOf<number>();
  expectTypeOf(parseFrom).returns.toEqualTypeOf<Result<NameAddr>>();
  expectTypeOf(parseVia).returns.toEqualTypeOf<Result<readonly ViaParm[]>>();
  expectTypeOf(parseContact).returns.toEqualTypeOf<Result<Contacts>>();
  expectTypeOf<Contacts>().toEqualTypeOf<"*" | readonly NameAddr[]>();
  expectTypeOf(parseSessionExpires).returns.toEqualTypeOf<Result<SessionExpires>>();
  compiled((contacts: Contacts) => {
    // @ts-expect-error: it may be a star, which has no addresses
    for (const { uri } of contacts) uri.trim();
    if (contacts !== "*") return contacts[0]?.uri;
    return contacts;
  });
});

test("strings are not taken where a typed value belongs", () => {
  compiled((address: NameAddr) => {
    formatContact([address]);
    // @ts-expect-error: an address has a name and parameters, and is no text
    formatContact(["sip:alice@example.com"]);
    // @ts-expect-error: so has a single one
    formatContact("sip:alice@example.com");
    formatCSeq({ number: 1, method: "OPTIONS" });
    // @ts-expect-error: a number
    formatCSeq({ number: "1", method: "OPTIONS" });
    // @ts-expect-error: RFC 3261 §20.16 wants the method, too
    formatCSeq({ number: 1 });
  });
});

test("headers to be written are pairs of a name and a value", () => {
  expectTypeOf<HeaderField[1]>().toEqualTypeOf<Octets>();
  compiled(() => {
    composeRequest("OPTIONS", "sip:bob@example.com", [["Max-Forwards", "70"]]);
    // @ts-expect-error: a line is no pair
    composeRequest("OPTIONS", "sip:bob@example.com", ["Max-Forwards: 70"]);
    // @ts-expect-error: values are text
    composeRequest("OPTIONS", "sip:bob@example.com", [["Max-Forwards", 70]]);
    // @ts-expect-error: an object has no order
    composeRequest("OPTIONS", "sip:bob@example.com", { "Max-Forwards": "70" });
  });
});

test("a header is read on demand, and may be absent", () => {
  compiled((message: Message) => {
    expectTypeOf(readHeader(message, "CSeq", parseCSeq)).toEqualTypeOf<Result<CSeq | undefined>>();
    expectTypeOf(header(message, "Subject")).toEqualTypeOf<Octets | undefined>();
    const read = readHeader(message, "CSeq", parseCSeq);
    // @ts-expect-error: it need not be there
    return read.ok ? read.value.number : 0;
  });
});

test("a message is a request or a response, told apart by kind", () => {
  expectTypeOf<Message>().toEqualTypeOf<Request | Response>();
  compiled((message: Message) => {
    if (message.kind === "Request") expectTypeOf(message.method).toEqualTypeOf<string>();
    else expectTypeOf(message.status).toEqualTypeOf<number>();
    if (message.kind === "Response") {
      // @ts-expect-error: the method of a response is in its CSeq
      return message.method;
    }
    // @ts-expect-error: a request has no status
    return message.status;
  });
});
