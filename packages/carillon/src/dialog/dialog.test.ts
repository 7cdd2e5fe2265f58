import { describe, expect, test } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { type Message, parseMessage, type Request, type Response } from "../message/message.ts";
import {
  addressRequest,
  advanced,
  type Dialog,
  dialogId,
  receiveRequest,
  receiveSuccess,
  uacDialog,
  uasDialog,
} from "./dialog.ts";

const FROM = 'From: "Alice \\"A\\"" <sip:alice@a.example;x=1>;tag=a1;y=2';
const TO = "To: <sip:bob@b.example>";

function read<M extends Message>(lines: readonly Octets[]): [M, Essentials] {
  const message = parseMessage(`${lines.join("\r\n")}\r\n\r\n`);
  const essentials = message.ok ? readEssentials(message.value) : message;
  if (!message.ok || !essentials.ok) throw new Error(JSON.stringify([message, essentials]));
  return [message.value as M, essentials.value];
}

interface Parts {
  readonly start?: Octets;
  readonly from?: Octets;
  readonly to?: Octets;
  readonly method?: string;
  readonly seq?: number;
  readonly lines?: readonly Octets[];
}

const CONTACT = "Contact: <sip:there@192.0.2.9:5062;ob>";

function message<M extends Message>({ lines = [CONTACT], ...parts }: Parts = {}): [M, Essentials] {
  const { method = "INVITE", from = FROM, to = TO, seq = 314 } = parts;
  return read<M>([
    parts.start ?? `${method} sip:bob@b.example SIP/2.0`,
    "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1",
    from,
    to,
    "Call-ID: c@a.example",
    `CSeq: ${seq} ${method}`,
    ...lines,
  ]);
}

const TO_TAGGED = `${TO};tag=b1`;
const ROUTES = [
  "Record-Route: <sip:p3.example;lr;a=b>, <sip:p2.example;lr>",
  'Record-Route: "One" <sip:p1.example;lr>;z=1',
];

function caller(response: Parts = {}, invite: Parts = {}): Dialog | undefined {
  const start = "SIP/2.0 200 OK";
  const to = TO_TAGGED;
  const [answer, received] = message<Response>({ start, to, ...response });
  return uacDialog(...message<Request>(invite), answer, received);
}

const callee = (invite: Parts = {}, status = 200) =>
  uasDialog(...message<Request>(invite), "b1", status);

function known(dialog: Dialog | undefined): Dialog {
  if (!dialog) throw new Error("there is no dialog");
  return dialog;
}

test("a name that holds a NUL, as a quoted-pair may, is written without it", () => {
  const from = 'From: "Al\\\0ice" <sip:alice@a.example>;tag=a1';
  expect(known(callee({ from })).remoteUri).toBe('"Alice" <sip:alice@a.example>');
});

describe("RFC 3261 §12.1.2: the caller's dialog", () => {
  //= RFC 3261 §12.1.2
  //# The remote target MUST be set to the URI from the Contact header field of the response.
  //= RFC 3261 §12.1.2
  //# The local sequence number MUST be set to the value of the sequence number in the CSeq header
  //# field of the request.
  //= RFC 3261 §12.1.2
  //# The remote sequence number MUST be empty (it is established when the remote UA sends a request
  //# within the dialog).
  //= RFC 3261 §12.1.2
  //# The call identifier component of the dialog ID MUST be set to the value of the Call-ID in the
  //# request. The local tag component of the dialog ID MUST be set to the tag in the From field in
  //# the request, and the remote tag component of the dialog ID MUST be set to the tag in the To
  //# field of the response.
  //= RFC 3261 §12.1.2
  //# The remote URI MUST be set to the URI in the To field, and the local URI MUST be set to the
  //# URI in the From field.
  test("takes its parts from the INVITE and from the answer", () => {
    expect(caller()).toStrictEqual({
      state: "Confirmed",
      callId: "c@a.example",
      localTag: "a1",
      remoteTag: "b1",
      localUri: '"Alice \\"A\\"" <sip:alice@a.example;x=1>',
      remoteUri: "<sip:bob@b.example>",
      remoteTarget: "sip:there@192.0.2.9:5062;ob",
      routeSet: [],
      localSeq: 314,
      remoteSeq: undefined,
      secure: false,
    });
    expect(dialogId(known(caller()))).toBe("c@a.example a1 b1");
  });

  //= RFC 3261 §12.1
  //# UAs MUST assign values to the dialog ID components as described below.
  //= RFC 3261 §12.1.1
  //# This state MUST be maintained for the duration of the dialog.
  //= RFC 3261 §12.1.2
  //# This state MUST be maintained for the duration of the dialog.
  test("keeps its name and its route, whatever is said in it", () => {
    const [request] = message<Request>({ seq: 315, lines: [...ROUTES, "Contact: <sip:new@x>"] });
    const [ok] = message<Response>({ start: "SIP/2.0 200 OK", to: TO_TAGGED, lines: ROUTES });
    for (const dialog of [known(caller({ lines: [CONTACT, ...ROUTES] })), known(callee())]) {
      const moved = receiveSuccess(known(receiveRequest(dialog, request, 315)), ok, "INVITE");
      const { callId, localTag, remoteTag, localUri, remoteUri, routeSet } = dialog;
      expect(moved).toMatchObject({ callId, localTag, remoteTag, localUri, remoteUri, routeSet });
      expect(dialogId(moved)).toBe(dialogId(dialog));
    }
  });

  //= RFC 3261 §12.1.2
  //# The route set MUST be set to the list of URIs in the Record-Route header field from the
  //# response, taken in reverse order and preserving all URI parameters.
  //= RFC 3261 §12.1.2
  //# If no Record-Route header field is present in the response, the route set MUST be set to the
  //# empty set.
  test("goes back over the proxies in the opposite order", () => {
    expect(caller({ lines: [CONTACT, ...ROUTES] })?.routeSet).toEqual([
      '"One" <sip:p1.example;lr>;z=1',
      "<sip:p2.example;lr>",
      "<sip:p3.example;lr;a=b>",
    ]);
    expect(caller({}, { lines: [CONTACT, ...ROUTES] })?.routeSet).toEqual([]);
  });

  test("is early while it rings", () => {
    expect(caller({ start: "SIP/2.0 183 Progress" })?.state).toBe("Early");
  });

  //= RFC 3261 §12.1.2
  //# A UAC MUST be prepared to receive a response without a tag in the To field, in which case the
  //# tag is considered to have a value of null.
  test("may be with somebody who has no tag", () => {
    expect(caller({ to: TO })?.remoteTag).toBe("");
  });

  //= RFC 3261 §8.1.1.8
  //# The Contact header field MUST be present and contain exactly one SIP or SIPS URI in any
  //# request that can result in the establishment of a dialog.
  test.each([
    ["a 100", { start: "SIP/2.0 100 Trying" }],
    ["a refusal", { start: "SIP/2.0 486 Busy" }],
    ["ringing without a tag", { start: "SIP/2.0 180 Ringing", to: TO }],
    ["an early dialog's end without a tag", { start: "SIP/2.0 199 Early Dialog Gone", to: TO }],
    ["an answer without Contact", { lines: [] }],
    ["an answer with a broken Contact", { lines: ["Contact: <sip:x"] }],
    ["an answer with a Contact that is none", { lines: ["Contact: two words"] }],
    ["an answer that can be reached nowhere", { lines: ["Contact: *"] }],
    ["an answer that is to be called by other means", { lines: ["Contact: <tel:+1>"] }],
    ["an answer whose route does not end", { lines: [CONTACT, "Record-Route: <sip:x"] }],
    ["an answer whose route is none", { lines: [CONTACT, "Record-Route: two words"] }],
  ])("is not made by %s", (_, parts) => {
    expect(caller(parts)).toBeUndefined();
  });

  //= RFC 3261 §12.1.2
  //# If the request was sent over TLS, and the Request-URI contained a SIPS URI, the "secure" flag
  //# is set to TRUE.
  test("is secure where the address was", () => {
    expect(caller({}, { start: "INVITE SIPS:bob@b.example SIP/2.0" })?.secure).toBe(true);
    expect(caller({}, { start: "INVITE sip:sips:@b.example SIP/2.0" })?.secure).toBe(false);
  });

  test("is another one for each device that rings: same Call-ID, other tags", () => {
    const [one, other] = ["b1", "b2"].map((tag) =>
      known(caller({ start: "SIP/2.0 180 Ringing", to: `${TO};tag=${tag}` })),
    );
    expect(one?.callId).toBe(other?.callId);
    expect([one, other].map((dialog) => dialogId(known(dialog)))).toEqual([
      "c@a.example a1 b1",
      "c@a.example a1 b2",
    ]);
  });

  test.each([
    [101, "Early"],
    [199, "Early"],
    [200, "Confirmed"],
    [299, "Confirmed"],
    [300, undefined],
  ])("RFC 3261 §12.1: after a %i it is %s", (status, state) => {
    expect(caller({ start: `SIP/2.0 ${status} Whatever` })?.state).toBe(state);
  });

  test("takes the first of several Contacts, which nobody should send", () => {
    const lines = ["Contact: <sip:1@x>, <sip:2@x>", "Contact: <sip:3@x>"];
    expect(caller({ lines })?.remoteTarget).toBe("sip:1@x");
  });
});

describe("RFC 3261 §12.1.1: the callee's dialog", () => {
  //= RFC 3261 §12.1.1
  //# The remote target MUST be set to the URI from the Contact header field of the request.
  //= RFC 3261 §12.1.1
  //# The remote sequence number MUST be set to the value of the sequence number in the CSeq header
  //# field of the request.
  //= RFC 3261 §12.1.1
  //# The local sequence number MUST be empty.
  //= RFC 3261 §12.1.1
  //# The call identifier component of the dialog ID MUST be set to the value of the Call-ID in the
  //# request. The local tag component of the dialog ID MUST be set to the tag in the To field in
  //# the response to the request (which always includes a tag), and the remote tag component of the
  //# dialog ID MUST be set to the tag from the From field in the request.
  //= RFC 3261 §12.1.1
  //# The remote URI MUST be set to the URI in the From field, and the local URI MUST be set to the
  //# URI in the To field.
  test("takes its parts from the INVITE and from the own answer", () => {
    expect(callee()).toStrictEqual({
      state: "Confirmed",
      callId: "c@a.example",
      localTag: "b1",
      remoteTag: "a1",
      localUri: "<sip:bob@b.example>",
      remoteUri: '"Alice \\"A\\"" <sip:alice@a.example;x=1>',
      remoteTarget: "sip:there@192.0.2.9:5062;ob",
      routeSet: [],
      localSeq: 0,
      remoteSeq: 314,
      secure: false,
    });
    expect([180, 199, 200].map((status) => callee({}, status)?.state)).toEqual([
      ...["Early", "Early", "Confirmed"],
    ]);
  });

  //= RFC 3261 §12.1.1
  //# If the request arrived over TLS, and the Request-URI contained a SIPS URI, the "secure" flag
  //# is set to TRUE.
  test("is secure where the address was", () => {
    expect(callee({ start: "INVITE sips:bob@b.example SIP/2.0" })?.secure).toBe(true);
  });

  //= RFC 3261 §12.1.1
  //# The route set MUST be set to the list of URIs in the Record-Route header field from the
  //# request, taken in order and preserving all URI parameters.
  //= RFC 3261 §12.1.1
  //# If no Record-Route header field is present in the request, the route set MUST be set to the
  //# empty set.
  test("goes back over the proxies as they stand there", () => {
    expect(callee({ lines: [CONTACT, ...ROUTES] })?.routeSet).toEqual([
      "<sip:p3.example;lr;a=b>",
      "<sip:p2.example;lr>",
      '"One" <sip:p1.example;lr>;z=1',
    ]);
  });

  //= RFC 3261 §12.1.1
  //# A UAS MUST be prepared to receive a request without a tag in the From field, in which case the
  //# tag is considered to have a value of null.
  test("may be with somebody who has no tag", () => {
    expect(callee({ from: "From: sip:alice@a.example" })?.remoteTag).toBe("");
  });

  test("is not made without a Contact to go back to, or where a proxy would be left out", () => {
    expect(callee({ lines: [] })).toBeUndefined();
    expect(callee({ lines: [CONTACT, "Record-Route: <sip:p1;lr>, <sip:p2"] })).toBeUndefined();
  });
});

describe("RFC 3261 §12.2.1.1: a request in a dialog", () => {
  const addressed = (dialog: Dialog | undefined, method = "BYE", seq = 315) => {
    const { uri, headers } = addressRequest(known(dialog), method, seq);
    const named = (name: string) =>
      headers.filter(([one]) => one === name).map(([, value]) => value);
    return { uri, headers, routes: named("Route"), named };
  };

  //= RFC 3261 §12.2.1.1
  //# The URI in the To field of the request MUST be set to the remote URI from the dialog state.
  //# The tag in the To header field of the request MUST be set to the remote tag of the dialog ID.
  //= RFC 3261 §12.2.1.1
  //# The From URI of the request MUST be set to the local URI from the dialog state. The tag in the
  //# From header field of the request MUST be set to the local tag of the dialog ID.
  //= RFC 3261 §12.2.1.1
  //# The Call-ID of the request MUST be set to the Call-ID of the dialog.
  //= RFC 3261 §12.2.1.1
  //# The method field in the CSeq header field value MUST match the method of the request.
  test("says whose it is", () => {
    expect(addressed(caller()).headers).toEqual([
      ["Max-Forwards", "70"],
      ["From", '"Alice \\"A\\"" <sip:alice@a.example;x=1>;tag=a1'],
      ["To", "<sip:bob@b.example>;tag=b1"],
      ["Call-ID", "c@a.example"],
      ["CSeq", "315 BYE"],
    ]);
  });

  //= RFC 3261 §12.2.1.1
  //# If the value of the remote or local tags is null, the tag parameter MUST be omitted from the
  //# To or From header fields, respectively.
  test("says no tag of somebody who has none", () => {
    expect(addressed(caller({ to: TO })).named("To")).toEqual(["<sip:bob@b.example>"]);
    const untagged = caller({}, { from: "From: sip:alice@a.example" });
    expect(addressed(untagged).named("From")).toEqual(["<sip:alice@a.example>"]);
  });

  //= RFC 3261 §12.2.1.1
  //# If the route set is empty, the UAC MUST place the remote target URI into the Request-URI. The
  //# UAC MUST NOT add a Route header field to the request.
  test("goes straight to the Contact where no proxy wants to see it", () => {
    expect(addressed(caller())).toMatchObject({ uri: "sip:there@192.0.2.9:5062;ob", routes: [] });
  });

  //= RFC 3261 §12.2.1.1
  //# If the route set is not empty, and the first URI in the route set contains the lr parameter
  //# (see Section 19.1.1), the UAC MUST place the remote target URI into the Request-URI and MUST
  //# include a Route header field containing the route set values in order, including all
  //# parameters.
  test("goes over the proxies where they are loose routers", () => {
    const { uri, routes } = addressed(callee({ lines: [CONTACT, ...ROUTES] }));
    expect(uri).toBe("sip:there@192.0.2.9:5062;ob");
    expect(routes).toEqual([
      "<sip:p3.example;lr;a=b>",
      "<sip:p2.example;lr>",
      '"One" <sip:p1.example;lr>;z=1',
    ]);
  });

  //= RFC 3261 §7.3.1
  //# it is RECOMMENDED that header fields which are needed for proxy processing (Via, Route,
  //# Record-Route, Proxy-Require, Max-Forwards, and Proxy-Authorization, for example) appear
  //# towards the top of the message to facilitate rapid parsing.
  test("RFC 3261 §7.3.1: says first what proxies read", () => {
    const { headers } = addressed(callee({ lines: [CONTACT, "Record-Route: <sip:p1;lr>"] }));
    expect(headers.map(([name]) => name)).toEqual([
      ...["Route", "Max-Forwards", "From", "To", "Call-ID", "CSeq"],
    ]);
  });

  //= RFC 3261 §12.2.1.1
  //# If the route set is not empty, and its first URI does not contain the lr parameter, the UAC
  //# MUST place the first URI from the route set into the Request-URI, stripping any parameters
  //# that are not allowed in a Request-URI. The UAC MUST add a Route header field containing the
  //# remainder of the route set values in order, including all parameters. The UAC MUST then place
  //# the remote target URI into the Route header field as the last value.
  test("is addressed to a strict router itself", () => {
    const lines = [
      CONTACT,
      "Record-Route: <sip:p2.example;method=BYE;x=1?a=b>, <sip:p1.example;lr>",
    ];
    const { uri, routes } = addressed(callee({ lines }));
    expect(uri).toBe("sip:p2.example;x=1");
    expect(routes).toEqual(["<sip:p1.example;lr>", "<sip:there@192.0.2.9:5062;ob>"]);
  });

  test("takes for a loose router what has no parameters to tell", () => {
    const lines = [CONTACT, "Record-Route: <tel:+1>, <sip:p1.example;lr>"];
    const { uri, routes } = addressed(callee({ lines }));
    expect(uri).toBe("sip:there@192.0.2.9:5062;ob");
    expect(routes).toEqual(["<tel:+1>", "<sip:p1.example;lr>"]);
    const odd = { ...known(callee()), routeSet: ["two words"] };
    expect(addressed(odd).routes).toEqual(["two words"]);
  });

  test("takes no headers from a Contact", () => {
    const lines = ["Contact: <sip:there@x;method=REFER?Replaces=1>"];
    expect(addressed(caller({ lines })).uri).toBe("sip:there@x");
  });

  //= RFC 3261 §12.2.1.1
  //# Requests within a dialog MUST contain strictly monotonically increasing and contiguous CSeq
  //# sequence numbers (increasing-by-one) in each direction (excepting ACK and CANCEL of course,
  //# whose numbers equal the requests being acknowledged or cancelled).
  //= RFC 3261 §12.2.1.1
  //# If the local sequence number is empty, an initial value MUST be chosen using the guidelines of
  //# Section 8.1.1.5.
  //= RFC 3261 §12.2.1.1
  //# Therefore, if the local sequence number is not empty, the value of the local sequence number
  //# MUST be incremented by one, and this value MUST be placed into the CSeq header field.
  test("counts up by one, from one where the other side called", () => {
    expect(advanced(known(caller())).localSeq).toBe(315);
    expect(advanced(advanced(known(caller()))).localSeq).toBe(316);
    expect(advanced(known(callee())).localSeq).toBe(1);
  });
});

describe("RFC 3261 §12.2.2: a request of the other side", () => {
  const MOVED = "Contact: <sip:moved@192.0.2.77>";
  const next = (dialog: Dialog | undefined, method: string, seq: number) => {
    const [request] = message<Request>({ method, seq, lines: [MOVED] });
    return receiveRequest(known(dialog), request, seq);
  };

  //= RFC 3261 §12.2.2
  //# If the remote sequence number is empty, it MUST be set to the value of the sequence number in
  //# the CSeq header field value in the request.
  //= RFC 3261 §12.2.2
  //# If the remote sequence number was not empty, but the sequence number of the request is lower
  //# than the remote sequence number, the request is out of order and MUST be rejected with a 500
  //# (Server Internal Error) response.
  //= RFC 3261 §12.2.2
  //# The UAS MUST then set the remote sequence number to the value of the sequence number in the
  //# CSeq header field value in the request.
  test("is in order, with gaps, or is none", () => {
    expect(next(caller(), "INFO", 7)?.remoteSeq).toBe(7);
    expect(next(caller(), "INFO", 0)?.remoteSeq).toBe(0);
    expect(next(callee(), "INFO", 315)?.remoteSeq).toBe(315);
    expect(next(callee(), "INFO", 9000)?.remoteSeq).toBe(9000);
    expect(next(callee(), "INFO", 314)?.remoteSeq).toBe(314);
    expect(next(callee(), "INFO", 313)).toBeUndefined();
  });

  //= RFC 3261 §12.2.2
  //# When a UAS receives a target refresh request, it MUST replace the dialog's remote target URI
  //# with the URI from the Contact header field in that request, if present.
  test("moves the other side where it is one that does", () => {
    expect(next(callee(), "INVITE", 315)?.remoteTarget).toBe("sip:moved@192.0.2.77");
    expect(next(callee(), "UPDATE", 315)?.remoteTarget).toBe("sip:moved@192.0.2.77");
    expect(next(callee(), "INFO", 315)?.remoteTarget).toBe("sip:there@192.0.2.9:5062;ob");
    const [bare] = message<Request>({ seq: 315, lines: [] });
    expect(receiveRequest(known(callee()), bare, 315)?.remoteTarget).toContain("there@");
  });

  //= RFC 3261 §12.2.1.2
  //# When a UAC receives a 2xx response to a target refresh request, it MUST replace the dialog's
  //# remote target URI with the URI from the Contact header field in that response, if present.
  test("RFC 3261 §12.2.1.2: and so does its 2xx", () => {
    const [ok] = message<Response>({ start: "SIP/2.0 200 OK", to: TO_TAGGED, lines: [MOVED] });
    const moved = (method: string) => receiveSuccess(known(caller()), ok, method).remoteTarget;
    expect(moved("INVITE")).toBe("sip:moved@192.0.2.77");
    expect(moved("UPDATE")).toBe("sip:moved@192.0.2.77");
    expect(moved("BYE")).toBe("sip:there@192.0.2.9:5062;ob");
  });

  test("a 2xx to an INVITE confirms, and one to a PRACK does not", () => {
    const early = known(caller({ start: "SIP/2.0 180 Ringing" }));
    const [ok] = message<Response>({ start: "SIP/2.0 200 OK", to: TO_TAGGED });
    expect(receiveSuccess(early, ok, "PRACK").state).toBe("Early");
    expect(receiveSuccess(early, ok, "INVITE").state).toBe("Confirmed");
  });

  //= RFC 3261 §13.2.2.4
  //# If the dialog identifier in the 2xx response matches the dialog identifier of an existing
  //# dialog, the dialog MUST be transitioned to the "confirmed" state, and the route set for the
  //# dialog MUST be recomputed based on the 2xx response using the procedures of Section 12.2.1.2.
  test("RFC 3261 §13.2.2.4: the answer's route is the one, and nothing else starts anew", () => {
    const ringing = { start: "SIP/2.0 180 Ringing", lines: [CONTACT, ...ROUTES] };
    const early = { ...known(caller(ringing)), localSeq: 316, remoteSeq: 9 };
    const answer = (...lines: Octets[]) =>
      message<Response>({ start: "SIP/2.0 200 OK", to: TO_TAGGED, lines: [MOVED, ...lines] })[0];
    const routes = answer("Record-Route: <sip:p8.example;lr>, <sip:p9.example;lr>");
    expect(receiveSuccess(early, routes, "INVITE")).toEqual({
      ...early,
      state: "Confirmed",
      remoteTarget: "sip:moved@192.0.2.77",
      routeSet: ["<sip:p9.example;lr>", "<sip:p8.example;lr>"],
    });
    expect(receiveSuccess(early, routes, "UPDATE").routeSet).toBe(early.routeSet);
    expect(receiveSuccess(early, answer(), "INVITE").routeSet).toEqual([]);
    const broken = answer("Record-Route: <sip:p8.example");
    expect(receiveSuccess(early, broken, "INVITE").routeSet).toBe(early.routeSet);
    // The answer to a re-INVITE leaves the route alone.
    const confirmed = receiveSuccess(early, answer(), "INVITE");
    expect(receiveSuccess(confirmed, routes, "INVITE").routeSet).toEqual([]);
  });
});
