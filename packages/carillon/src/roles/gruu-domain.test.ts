/** GRUUs of a whole domain: given out by its registrar, and resolved by its proxy. RFC 5627. */
import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { readContactParams } from "../message/header/contact-params.ts";
import { elements, header, headerLines } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import {
  answer,
  DomainStage,
  type RequestLines,
  request,
  type Sent,
  titleOf,
} from "../testing/domain-stage.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { Gruus } from "./gruu.ts";

const DESK = "192.0.2.31:5060";
const SOFT = "192.0.2.32:5060";
const ALICE = "192.0.2.9:5060";
const [A, B] = ["urn:uuid:aaaa", "urn:uuid:bbbb"];

interface Given {
  readonly contact: string;
  readonly pub: string | undefined;
  readonly temp: string | undefined;
  readonly instance: string | undefined;
}

/** What the answer to a REGISTER says of each contact. */
function givenIn(message: Message | undefined): readonly Given[] {
  const all = message && elements(message, "Contact");
  if (!all?.ok) throw new Error("no Contact can be read");
  return all.value.map((text) => {
    const one = parseNameAddr(text);
    if (!one.ok) throw new Error(text);
    const { pubGruu, tempGruu, instance } = readContactParams(one.value.params);
    return { contact: one.value.uri, pub: pubGruu, temp: tempGruu, instance };
  });
}

let seq = 0;

/** Bob's device registers, and is told its GRUUs. */
function registered(
  stage: DomainStage,
  place: string,
  instance: string,
  { more = "", lines = ["Supported: gruu"], ...parts }: RegisterParts = {},
): readonly Given[] {
  const contact = `Contact: <sip:bob@${place}>;+sip.instance="<${instance}>"${more}`;
  const branch = `z9hG4bK-r${++seq}`;
  const sent = stage.register("bob", place, {
    ...{ seq, branch, ...parts },
    lines: [contact, ...lines],
  });
  return givenIn(sent.at(-1)?.message);
}
type RegisterParts = Partial<RequestLines> & { readonly more?: string };

/** Alice asks for this URI. */
function asks(stage: DomainStage, uri: string, more: Partial<RequestLines> = {}): readonly Sent[] {
  const lines = [`Proxy-Authorization: ${stage.token("alice")}`, ...(more.lines ?? [])];
  const branch = `z9hG4bK-i${++seq}`;
  return stage.say(
    ALICE,
    request(more.body === undefined ? "INVITE" : "MESSAGE", {
      ...{ uri, to: `<${uri}>`, callId: `call-${seq}`, branch },
      ...more,
      lines,
    }),
  );
}
const places = (sent: readonly Sent[]) =>
  sent.filter(({ message }) => message.kind === "Request").map(({ to }) => to);
const titles = (sent: readonly Sent[]) => sent.map(titleOf);

describe("RFC 5627 §5.2: the answer to a REGISTER", () => {
  //= RFC 5627 §5.2
  //# If the REGISTER request contained a Supported header field that included the "gruu" option
  //# tag, and the registrar has at least one temporary GRUU assigned to the instance ID and AOR,
  //# the registrar MUST add a "temp-gruu" Contact header field parameter to that Contact header
  //# field.
  test("has the instance, a public and a temporary GRUU for each contact that has one", () => {
    //= RFC 5627 §5.2
    //# if the registrar has stored an instance ID associated with that contact, that instance ID is
    //# returned as a Contact header field parameter.
    //= RFC 5627 §5.2
    //# In addition, if the registrar has a public GRUU assigned to the instance ID and AOR (and the
    //# client supports GRUUs), the registrar MUST add a "pub-gruu" Contact header field parameter
    //# to that Contact header field.
    //= RFC 5627 §5.2
    //# The value of the "temp-gruu" parameter is a quoted string, and MUST contain the most
    //# recently created temporary GRUU for that AOR and instance ID.
    //= RFC 5627 §7
    //# The quoted strings for temp-gruu and pub-gruu MUST contain a SIP URI.
    const stage = new DomainStage();
    stage.register("bob", "192.0.2.33:5060");
    registered(stage, DESK, A);
    const [plain, desk, soft] = registered(stage, SOFT, B);
    expect(plain).toMatchObject({ pub: undefined, temp: undefined, instance: undefined });
    expect(desk).toMatchObject({ instance: A, pub: `sip:bob@house.example;gr=${A}` });
    expect(soft).toMatchObject({ instance: B, pub: `sip:bob@house.example;gr=${B}` });
    for (const one of [desk, soft]) {
      expect(one?.temp).toMatch(/^sip:tgruu\.[\w-]+@house\.example;gr$/);
    }
    expect(desk?.temp).not.toBe(soft?.temp);
  });

  test("§9 has the same temporary one for two contacts of one device, a new one each time", () => {
    const stage = new DomainStage();
    registered(stage, DESK, A);
    const [one, two] = registered(stage, SOFT, A, { callId: "rebooted" });
    expect(one?.temp).toBe(two?.temp);
    const [again] = registered(stage, DESK, A, { callId: "again" });
    expect(again?.temp).not.toBe(one?.temp);
  });

  test("has none for a phone that does not say that it knows them", () => {
    const [given] = registered(new DomainStage(), DESK, A, { lines: [] });
    expect(given).toMatchObject({ instance: A, pub: undefined, temp: undefined });
  });

  test("§5.1 takes none from the phone, and says nothing of gruu in Require", () => {
    //= RFC 5627 §5.1
    //# If the contact contained a "pub-gruu" Contact header field parameter, the header field
    //# parameter MUST be ignored by the registrar.
    //= RFC 5627 §5.1
    //# If the contact contained a "temp-gruu" Contact header field parameter, the header field
    //# parameter MUST be ignored by the registrar.
    const stage = new DomainStage();
    const evil = "sip:carol@house.example;gr=urn:uuid:cccc";
    const more = `;pub-gruu="${evil}";temp-gruu="${evil}"`;
    const [given] = registered(stage, DESK, A, {
      more,
      lines: ["Supported: gruu", "Require: gruu"],
    });
    expect(given?.pub).toBe(`sip:bob@house.example;gr=${A}`);
    expect(given?.temp).not.toContain("carol");
  });

  //= RFC 5630 §5.2.1
  //# If the Contact header field in the REGISTER request contains a SIP URI, the registrar MUST
  //# return the SIP version of the GRUU.
  test("RFC 5630 §5.2.1 a sip contact gets sip GRUUs", () => {
    const [given] = registered(new DomainStage(), DESK, A);
    expect([given?.pub, given?.temp].map((uri) => uri?.slice(0, 4))).toEqual(["sip:", "sip:"]);
  });

  test("§5.1 no contact may be the address itself, or a GRUU of it", () => {
    //= RFC 5627 §5.1
    //# If the contact URI is equivalent (based on URI equivalence in RFC 3261 [1]) to the AOR, the
    //# registrar MUST reject the request with a 403, since this would cause a routing loop. If the
    //# contact URI is a GRUU for the AOR in the To header field of the REGISTER request, the
    //# registrar MUST reject the request with a 403, for the same reason.
    const stage = new DomainStage();
    const [given] = registered(stage, DESK, A);
    for (const uri of ["sip:bob@house.example", given?.pub, given?.temp]) {
      const lines = [`Contact: <${uri}>;+sip.instance="<${A}>"`];
      const branch = `z9hG4bK-r${++seq}`;
      expect(titles(stage.register("bob", DESK, { lines, branch, seq }))).toEqual(["403 REGISTER"]);
    }
  });
});

describe("RFC 5627 §6.1: a request to a GRUU", () => {
  test("goes to that device alone, at its contact", () => {
    //= RFC 5627 §6.1
    //# Note that the "gr" URI parameter is retained just for the purposes of finding the GRUU in
    //# the location service; if a match is found, the Request-URI will be rewritten with the
    //# registered contacts, replacing the GRUU and its "gr" URI parameter.
    const stage = new DomainStage();
    registered(stage, DESK, A);
    const [desk, soft] = registered(stage, SOFT, B);
    expect(places(asks(stage, "sip:bob@house.example")).sort()).toEqual([DESK, SOFT]);
    expect(places(asks(stage, desk?.pub ?? ""))).toEqual([DESK]);
    expect(places(asks(stage, `${desk?.pub};grid=17`))).toEqual([DESK]);
    const sent = asks(stage, soft?.temp ?? "").find(({ message }) => message.kind === "Request");
    expect(sent?.to).toBe(SOFT);
    expect(sent?.octets).toMatch(`INVITE sip:bob@${SOFT} SIP/2.0\r\n`);
    // To stays as its caller wrote it: a name that is nobody's for whoever looks at it.
    expect(sent && header(sent.message, "To")).toBe(`<${soft?.temp}>`);
  });

  test("§6.1 goes to the contact that was refreshed last, and to another on 430 alone", () => {
    //= RFC 5627 §6.1
    //# The proxy MUST select the most recently refreshed contact.
    const stage = new DomainStage();
    registered(stage, DESK, A);
    const [first] = registered(stage, SOFT, A);
    const calls = (status: number) => {
      const [invite] = asks(stage, first?.pub ?? "").filter(({ to }) => to === SOFT);
      return stage.say(SOFT, answer(invite?.octets ?? "", status, "t"));
    };
    //= RFC 5627 §6.1
    //# Furthermore, if the request fails with any other response, the proxy MUST NOT retry on any
    //# other contacts for this instance.
    expect(titles(calls(486))).toEqual(["ACK", "486 INVITE"]);
    expect(places(calls(430))).toContain(DESK);
  });

  test("hears 480 where the device has gone, and 404 where there is none", () => {
    //= RFC 5627 §6.1
    //# If there are no registered contacts bound to the GRUU, the server MUST return a 480
    //# (Temporarily Unavailable) response.
    //= RFC 5627 §6.1
    //# If it contains the "gr" URI parameter but is not equivalent, based on URI comparison, to a
    //# currently valid GRUU within the domain, it SHOULD be rejected with a 404 (Not Found)
    //# response
    //= RFC 5627 §5.1
    //# A consequence of this invalidation is that requests addressed to those GRUUs will be
    //# rejected by the domain with a 404 from this point forward.
    const stage = new DomainStage();
    registered(stage, SOFT, B);
    const [, desk] = registered(stage, DESK, A);
    registered(stage, DESK, A, { more: ";expires=0" });
    const heard = (uri = "") => titles(asks(stage, uri)).at(-1);
    expect(heard(desk?.pub)).toBe("480 INVITE");
    expect(heard(desk?.temp)).toBe("404 INVITE");
    expect(heard("sip:bob@house.example;gr=nonsense")).toBe("404 INVITE");
    expect(heard("sip:tgruu.nonsense@house.example;gr")).toBe("404 INVITE");
    //= RFC 5627 §5.4
    //# Once an AOR is no longer valid within a domain, all of its GRUUs MUST be considered invalid
    //# as well.
    expect(heard(`sip:nobody@house.example;gr=${A}`)).toBe("404 INVITE");
    expect(heard((desk?.temp ?? "").replace(";gr", ""))).toBe("404 INVITE");
  });

  //= RFC 5627 §5.4
  //# Once a public GRUU is constructed, it MUST be considered valid for the duration that the AOR
  //# itself is valid.
  test("§5.4 is read by a server that was started anew with the same key", () => {
    const stage = new DomainStage();
    const [given] = registered(stage, DESK, A);
    const later = new DomainStage({ seed: 77, location: stage.location });
    expect(places(asks(later, given?.temp ?? ""))).toEqual([DESK]);
    const stranger = new DomainStage({ key: new Uint8Array(32), location: stage.location });
    expect(titles(asks(stranger, given?.temp ?? "")).at(-1)).toBe("404 INVITE");
  });

  test("§6.1 is not sent elsewhere by a device's 302, where the house follows those", () => {
    //= RFC 5627 §6.1
    //# However, forwarding services, such as call forwarding, SHOULD NOT be provided for requests
    //# sent to a GRUU.
    const stage = new DomainStage({ policy: () => ({ follow3xx: true }) });
    stage.register("carol", "192.0.2.40:5060");
    const [given] = registered(stage, DESK, A);
    const moved = (uri: string) => {
      const invite = asks(stage, uri).find(({ to }) => to === DESK);
      const lines = ["Contact: <sip:carol@house.example>"];
      return stage.say(DESK, answer(invite?.octets ?? "", 302, "d", lines));
    };
    expect(places(moved("sip:bob@house.example"))).toContain("192.0.2.40:5060");
    expect(titles(moved(given?.pub ?? ""))).toContain("302 INVITE");
  });
});

describe("RFC 5627 §4.4: a GRUU as one's own name and contact", () => {
  /** Alice's phone registers and says what it has of GRUUs. */
  const alices = (stage: DomainStage) => {
    const lines = [
      `Contact: <sip:alice@${ALICE}>;+sip.instance="<urn:uuid:a1>"`,
      "Supported: gruu",
    ];
    const [sent] = stage.register("alice", ALICE, { lines });
    return givenIn(sent?.message)[0];
  };

  test("RFC 3323 a temporary one may stand in From, which is then nobody's name", () => {
    const stage = new DomainStage();
    registered(stage, DESK, A);
    const from = `"Anonymous" <${alices(stage)?.temp}>;tag=x`;
    const sent = asks(stage, "sip:bob@house.example", { from });
    expect(places(sent)).toEqual([DESK]);
    expect(sent.map(({ octets }) => octets).join("")).not.toContain("alice");
  });

  test("but not one of somebody else", () => {
    const stage = new DomainStage();
    const [given] = registered(stage, DESK, A);
    const from = `<${given?.temp}>;tag=x`;
    expect(titles(asks(stage, "sip:bob@house.example", { from }))).toEqual(["403 INVITE"]);
  });

  test("§6.2 a Contact with the GRUU of somebody else is refused", () => {
    //= RFC 5627 §6.2
    //# If all of these conditions are true, except that the GRUU is associated with an AOR that did
    //# not match the authenticated identity of the requestor, it is RECOMMENDED that the proxy
    //# reject the request with a 403 (Forbidden) response.
    const stage = new DomainStage();
    const [bobs] = registered(stage, DESK, A);
    const own = alices(stage);
    const heard = (contact = "") =>
      titles(asks(stage, "sip:bob@house.example", { lines: [`Contact: <${contact}>`] }));
    for (const mine of [own?.pub, own?.temp]) expect(heard(mine)).toContain("INVITE");
    for (const theirs of [bobs?.pub, bobs?.temp, "sip:tgruu.x@house.example;gr"]) {
      expect(heard(theirs)).toEqual(["403 INVITE"]);
    }
    // What is another domain's GRUU only that domain can judge.
    expect(heard("sip:bob@other.example;gr=urn:uuid:1")).toContain("INVITE");
  });
});

describe("RFC 5627 §6.1: a request in a dialog, to a GRUU", () => {
  /** A call to Bob at his AOR, who answers with this Contact: the route of the dialog. */
  function talking(stage: DomainStage, contact: string) {
    const invite = asks(stage, "sip:bob@house.example").find(({ to }) => to === DESK);
    const ok = answer(invite?.octets ?? "", 200, "b", [`Contact: <${contact}>`]);
    const [heard] = stage.say(DESK, ok);
    const message = heard?.message;
    const routes = message ? headerLines(message, "Record-Route").toReversed() : [];
    const callId = message ? (header(message, "Call-ID") ?? "") : "";
    const to = message ? (header(message, "To") ?? "") : "";
    return (method: string, from = ALICE) =>
      stage.say(
        from,
        request(method, {
          ...{ uri: contact, to, callId, seq: 2, branch: `z9hG4bK-d${++seq}` },
          lines: routes.map((route) => `Route: ${route}`),
        }),
      );
  }

  test.each(["pub", "temp"] as const)("(%s) goes on to its contact, over its flow", (kind) => {
    //= RFC 5627 §6.1
    //# This is the case for both out-of-dialog requests targeted to the GRUU, and mid-dialog
    //# requests targeted to the GRUU (in which case the incoming request would have a Route header
    //# field value containing the URI that the proxy used for record-routing.).
    const stage = new DomainStage();
    const [given] = registered(stage, DESK, A);
    const say = talking(stage, given?.[kind] ?? "");
    for (const method of ["ACK", "BYE"]) {
      const [sent] = say(method).filter(({ message }) => message.kind === "Request");
      expect([sent?.to, sent?.octets.split("\r\n")[0]]).toEqual([
        DESK,
        `${method} sip:bob@${DESK} SIP/2.0`,
      ]);
    }
  });

  test("§6.2 comes through here, whether its Contact is a GRUU or not", () => {
    const stage = new DomainStage();
    const [given] = registered(stage, DESK, A);
    for (const contact of [given?.pub ?? "", `sip:bob@${DESK}`]) {
      const invite = asks(stage, "sip:bob@house.example").find(({ to }) => to === DESK);
      //= RFC 5627 §6.2
      //# then the authoritative proxy MUST record-route.
      expect(invite && headerLines(invite.message, "Record-Route").length).toBeGreaterThan(0);
      //= RFC 5627 §6.2
      //# If a proxy in the terminating domain requires mid-dialog requests to pass through it for
      //# whatever reason (firewall traversal, accounting, etc.), the proxy MUST still record-route,
      //# and MUST NOT assume that a UA will utilize its GRUU in the Contact header field of its
      //# response (which would cause mid-dialog requests to pass through the proxy without
      //# record-routing).
      expect(places(talking(stage, contact)("BYE"))).toEqual([DESK]);
    }
  });

  test("finds the device where it has registered since", () => {
    const stage = new DomainStage();
    const [given] = registered(stage, DESK, A);
    const say = talking(stage, given?.pub ?? "");
    registered(stage, DESK, A, { more: ";expires=0" });
    const moved = "198.51.100.77:5062";
    registered(stage, moved, A);
    const [sent] = say("BYE").filter(({ message }) => message.kind === "Request");
    expect([sent?.to, sent?.octets.split("\r\n")[0]]).toEqual([
      moved,
      `BYE sip:bob@${moved} SIP/2.0`,
    ]);
  });

  test("finds it over the flow of the dialog where it is registered nowhere", () => {
    const stage = new DomainStage();
    const [given] = registered(stage, DESK, A);
    const say = talking(stage, given?.pub ?? "");
    registered(stage, DESK, A, { more: ";expires=0" });
    expect(places(say("BYE"))).toEqual([DESK]);
  });

  test("never goes to another device of the same person", () => {
    const stage = new DomainStage();
    const [given] = registered(stage, DESK, A);
    const say = talking(stage, given?.pub ?? "");
    registered(stage, SOFT, B);
    expect(places(say("BYE"))).toEqual([DESK]);
  });
});

test("RFC 5627 A.2: another domain with another key makes none of ours", () => {
  const stage = new DomainStage();
  registered(stage, DESK, A);
  const crypto = portableCrypto(seededBytes(seeded(1)));
  const others = new Gruus({ crypto, key: new Uint8Array(32).fill(9), domain: "house.example" });
  const forged = others.temp("bob", others.newEpoch(), false) ?? "";
  expect(titles(asks(stage, forged)).at(-1)).toBe("404 INVITE");
});
