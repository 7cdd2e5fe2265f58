/** What lists and watchers are told, as it stands on the wire. */
import { describe, expect, test } from "vitest";
import { parseReginfo } from "../documents/reginfo.ts";
import { parseRlmi, type Rlmi } from "../documents/rlmi.ts";
import { parseWatcherInfo } from "../documents/watcherinfo.ts";
import { isToken } from "../grammar/chars.ts";
import { parseContentType } from "../message/header/content-type.ts";
import type { Request } from "../message/message.ts";
import { type BodyPart, parseMultipart } from "../message/multipart.ts";
import { again, bodyOf, notifies, value } from "../testing/agent-stage.ts";
import {
  answer,
  DomainStage,
  type RequestLines,
  request,
  type Sent,
  titleOf,
} from "../testing/domain-stage.ts";
import type { Contact } from "./contact-list.ts";
import { HouseEvents } from "./house-events.ts";
import type { Handling } from "./rules.ts";

const ALICE = "203.0.113.4:5060";
const CONTACT = `Contact: <sip:alice@${ALICE}>`;

function stage() {
  const known = { contacts: [] as readonly Contact[], handling: "allow" as Handling, note: "" };
  const events = new HouseEvents({
    contacts: { of: () => known.contacts },
    rules: { handling: () => known.handling },
    statuses: { of: () => ({ activities: [], note: known.note, isHidden: false }) },
  });
  const domain = new DomainStage({ services: [events] });
  let count = 0;
  const subscribe = (uri: string, lines: readonly string[], parts: Partial<RequestLines> = {}) =>
    domain.say(
      ALICE,
      request("SUBSCRIBE", {
        ...{ uri, to: `<${uri}>`, branch: `z9hG4bK-${++count}`, callId: `call-${count}` },
        ...parts,
        lines: [`Proxy-Authorization: ${domain.token("alice")}`, CONTACT, ...lines],
      }),
    );
  const during = (run: () => void) => {
    const before = domain.wire.outputs.length;
    domain.wire.call(run);
    return domain.sentSince(before);
  };
  const reply = (sent: Sent | undefined) =>
    domain.say(ALICE, answer(sent?.octets ?? "", 200, "", []));
  return { domain, events, known, subscribe, during, reply };
}

/** A list's notification, taken apart. */
function listIn(sent: Sent | undefined): { rlmi: Rlmi; parts: readonly BodyPart[] } {
  const type = parseContentType(value(sent, "Content-Type") ?? "");
  const parts = type.ok ? parseMultipart(type.value, bodyOf(sent) ?? "") : type;
  if (!parts.ok) throw new Error(parts.error.message);
  const [first, ...others] = parts.value;
  //= RFC 4662 §5.1
  //# The root document of the multipart/related body MUST be a Resource List Meta-Information
  //# (RLMI) document.
  const rlmi = parseRlmi(first?.body ?? "");
  if (!rlmi.ok) throw new Error(rlmi.error.message);
  return { rlmi: rlmi.value, parts: others };
}

const idsOf = (parts: readonly BodyPart[]) =>
  parts.map(({ headers }) => headers.find(([name]) => name === "Content-ID")?.[1].slice(1, -1));

const instancesIn = ({ resources }: Rlmi) => resources.flatMap(({ instances }) => instances);

describe("RFC 4662: a contact list on the wire", () => {
  const LIST = "sip:contacts@house.example";
  const WANTED = [
    ...["Event: presence", "Supported: eventlist"],
    "Accept: multipart/related, application/rlmi+xml, application/pidf+xml",
  ];

  test("begins whole, goes on in parts, and is whole again when it is refreshed", () => {
    const { domain, events, known, subscribe, during, reply } = stage();
    known.contacts = [
      { uri: "sip:bob@house.example", name: "Bob" },
      { uri: "sip:carol@house.example", name: "Carol" },
      { uri: "sip:nobody@house.example", name: "" },
    ];
    const [ok, first] = subscribe(LIST, WANTED);
    //= RFC 4662 §4.1
    //# Use of "Require: eventlist" in NOTIFY messages is applied by the notifier to satisfy the RFC
    //# 3261 requirement that a UAC MUST insert a Require header field into a request if the UAC
    //# wishes to insist that a UAS understand an extension in order to process the request.
    expect([value(ok, "Require"), value(first, "Require")]).toEqual(["eventlist", "eventlist"]);
    const whole = listIn(first);
    //= RFC 4662 §5.2
    //# The first NOTIFY sent in a subscription MUST contain full state, as must the first NOTIFY
    //# sent after receipt of a SUBSCRIBE request for the subscription.
    //= RFC 4662 §5.2
    //# This version number MUST be 0 for the first NOTIFY message sent within a subscription, and
    //# MUST increase by exactly one for each subsequent NOTIFY sent within a subscription.
    expect([whole.rlmi.isFull, whole.rlmi.version, whole.rlmi.uri]).toEqual([true, 0, LIST]);
    expect(whole.rlmi.resources).toHaveLength(3);
    //= RFC 4662 §5.2
    //# The cid attribute MUST refer only to top-level parts of the multipart/related document for
    //# which the RLMI document in which it appears is the root.
    //= RFC 4662 §5.5
    //# The cid attribute MUST refer only to top-level parts of the multipart/related document for
    //# which the RLMI document in which it appears is the root.
    //= RFC 4662 §5.5
    //# Finally, the "cid" attribute, which MUST be present if the "state" attribute is "active",
    //# identifies the section within the multipart/related body that contains the actual resource
    //# state.
    const active = instancesIn(whole.rlmi).filter(({ state }) => state === "active");
    expect(active.map(({ cid }) => cid)).toEqual(idsOf(whole.parts));
    //= RFC 4662 §5.5
    //# If the "state" attribute indicates "terminated", then a "reason" attribute MUST also be
    //# present.
    const over = instancesIn(whole.rlmi).filter(({ state }) => state === "terminated");
    expect(over.map(({ reason }) => reason)).toEqual(["noresource"]);
    reply(first);
    domain.wait(2000);
    known.note = "Back soon";
    const [second] = during(() => events.statusChanged("carol"));
    const part = listIn(second);
    expect([part.rlmi.isFull, part.rlmi.version]).toEqual([false, 1]);
    expect(part.rlmi.resources.map(({ uri }) => uri)).toEqual(["sip:carol@house.example"]);
    expect(part.parts).toHaveLength(1);
    reply(second);
    const [, third] = subscribe(LIST, WANTED, again(ok));
    const anew = listIn(third);
    expect([anew.rlmi.isFull, anew.rlmi.version, anew.parts.length]).toEqual([true, 2, 2]);
    reply(third);
    // At its end, too, it is a list.
    //= RFC 4662 §4.5
    //# In particular, this means that RLSes MUST NOT send NOTIFY messages that do not contain RLMI
    //# for a subscription if they have previously sent NOTIFY messages in that subscription
    //# containing RLMI.
    const [last] = domain.wait(3_600_000);
    expect(value(last, "Subscription-State")).toBe("terminated;reason=timeout");
    expect(listIn(last).rlmi).toMatchObject({ isFull: false, version: 3, resources: [] });
  });

  test("is nobody's presence, and somebody's presence is no list", () => {
    const { subscribe, reply, during, known, events, domain } = stage();
    const [, first] = subscribe("sip:bob@house.example", WANTED);
    //= RFC 4662 §4.5
    //# Similarly, RLSes MUST NOT send NOTIFY messages that do contain RLMI for a subscription if
    //# they have previously sent NOTIFY messages in that subscription which do not.
    expect([value(first, "Content-Type"), value(first, "Require")]).toEqual([
      ...["application/pidf+xml", undefined],
    ]);
    reply(first);
    domain.wait(6000);
    known.note = "there";
    const [second] = during(() => events.statusChanged("bob"));
    expect(value(second, "Content-Type")).toBe("application/pidf+xml");
    expect(titleOf(subscribe(LIST, ["Event: presence"])[0] as Sent)).toBe("421 SUBSCRIBE");
    const other = [...WANTED.slice(0, 2), "Accept: application/pidf+xml"];
    expect(titleOf(subscribe(LIST, other)[0] as Sent)).toBe("406 SUBSCRIBE");
    expect(titleOf(subscribe(LIST, ["Event: reg"])[0] as Sent)).toBe("489 SUBSCRIBE");
  });
});

//= RFC 5627 §5.5
//# If a registrar is supporting RFC 3680 [24] and GRUU, it MUST also support RFC 5628 [28].
test("RFC 5628: whoever watches registrations is told each device's public GRUU", () => {
  const { domain, subscribe } = stage();
  const lines = ['Contact: <sip:bob@203.0.113.9>;+sip.instance="<urn:uuid:1>"'];
  domain.register("bob", "203.0.113.9:5060", { lines });
  const [, told] = subscribe("sip:bob@house.example", ["Event: reg"]);
  const read = parseReginfo(bodyOf(told) ?? "");
  const contacts = read.ok ? read.value.registrations.flatMap((one) => one.contacts) : [];
  expect(contacts).toMatchObject([
    { uri: "sip:bob@203.0.113.9", pubGruu: "sip:bob@house.example;gr=urn:uuid:1" },
  ]);
});

describe("RFC 3857: watchers on the wire", () => {
  const OWN = "sip:alice@house.example";

  test("§4.5: are told in their format, and in no other", () => {
    const { subscribe } = stage();
    const told = (...lines: readonly string[]) => {
      const sent = subscribe(OWN, ["Event: presence.winfo", ...lines]);
      const [notify] = notifies(sent);
      return notify ? value(notify, "Content-Type") : sent.map(titleOf).join();
    };
    //= RFC 3857 §4.5
    //# If no Accept header field was present, the notifications MUST use the
    //# application/watcherinfo+xml format described in [3].
    expect(told()).toBe("application/watcherinfo+xml");
    //= RFC 3857 §4.5
    //# All watcherinfo subscribers and notifiers MUST support the application/watcherinfo+xml
    //# format described in [3], and MUST list its MIME type, application/watcherinfo+xml, in any
    //# Accept header field present in the SUBSCRIBE request.
    expect(told("Accept: application/x, application/watcherinfo+xml")).toBe(
      "application/watcherinfo+xml",
    );
    //= RFC 3857 §4.5
    //# Of course, the watcherinfo notifications generated by the server MUST be in one of the
    //# formats specified in the Accept header field in the SUBSCRIBE request.
    expect(told("Accept: application/x")).toBe("406 SUBSCRIBE");
  });

  test("RFC 3858 §3: have names of their own", () => {
    const { subscribe, reply } = stage();
    for (let nth = 0; nth < 3; nth++) reply(subscribe(OWN, ["Event: presence"])[1]);
    const [, notify] = subscribe(OWN, ["Event: presence.winfo"]);
    const info = parseWatcherInfo((notify?.message as Request | undefined)?.body ?? "");
    const watchers = info.ok ? info.value.lists.flatMap((list) => list.watchers) : [];
    //= RFC 3858 §3
    //# The id MUST be representable using the grammar for token as specified by RFC 3261 [8].
    expect(watchers.every(({ id }) => isToken(id))).toBe(true);
    //= RFC 3858 §3
    //# It MUST be unique across all other watchers reported in documents sent in notifications for
    //# a particular watcherinfo subscription.
    expect(new Set(watchers.map(({ id }) => id)).size).toBe(3);
  });
});
