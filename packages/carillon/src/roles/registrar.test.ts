import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { type Answer, Pending, StoreBusy } from "./answer.ts";
import { type Binding, type Location, MemoryLocation } from "./location.ts";

const PHONE = "203.0.113.4:5060";

const status = (sent: readonly Sent[]) => sent.map(titleOf).join();
const contactsIn = ([sent]: readonly Sent[]) => (sent ? headerLines(sent.message, "Contact") : []);

/** A store on a disk: every write waits until it is let through, or fails. */
class DiskLocation implements Location {
  readonly kept = new MemoryLocation();
  readonly writes: { user: string; bindings: readonly Binding[]; done: Pending<void> }[] = [];

  bindings(user: string, now: number): Answer<readonly Binding[]> {
    return this.kept.bindings(user, now);
  }

  replace(user: string, bindings: readonly Binding[]): Answer<void> {
    const done = new Pending<void>();
    this.writes.push({ user, bindings, done });
    return done;
  }

  drop(connection: number): void {
    this.kept.drop(connection);
  }

  online(user: string, now: number): boolean {
    return this.kept.online(user, now);
  }

  /** Ends the oldest write; gives back what the server says then. */
  write(stage: DomainStage, fails = false): readonly string[] {
    const { user, bindings, done } = this.writes.shift() ?? {};
    if (!user || !bindings || !done) throw new Error("nothing is being written");
    const texts = stage.wire.call(() => {
      if (fails) return done.reject(new Error("disk full"));
      this.kept.replace(user, bindings);
      done.resolve(undefined);
    });
    return texts.map((text) => `${text.slice(8, 11)} ${/CSeq: (\d+)/.exec(text)?.[1]}`);
  }
}

describe("RFC 3261 §10.3: a REGISTER", () => {
  //= RFC 3261 §10.3
  //# The response MUST contain Contact header field values enumerating all current bindings. Each
  //# Contact value MUST feature an "expires" parameter indicating its expiration interval chosen by
  //# the registrar.
  test("is answered with all that are registered, and for how long", () => {
    const stage = new DomainStage();
    stage.register("alice", PHONE, {
      lines: ["Contact: <sip:a@1.example>;q=0.25", "Expires: 100"],
    });
    stage.wire.wait(40_000);
    const sent = stage.register("alice", "203.0.113.5:5060", {
      lines: ["Contact: sip:a@2.example;expires=9999"],
    });
    expect(status(sent)).toBe("200 REGISTER");
    expect(contactsIn(sent)).toEqual([
      "<sip:a@1.example>;q=0.25;expires=60",
      "<sip:a@2.example>;expires=7200",
    ]);
    stage.wire.wait(61_000);
    const asked = stage.register("alice", "203.0.113.6:5060", { lines: [] });
    expect(contactsIn(asked)).toEqual(["<sip:a@2.example>;expires=7139"]);
  });

  //= RFC 3261 §10.3
  //# This response MUST contain a Min-Expires header field that states the minimum expiration
  //# interval the registrar is willing to honor.
  test("that is too brief hears what would do", () => {
    const [sent] = new DomainStage().register("alice", PHONE, {
      lines: ["Contact: sip:a@b;expires=5"],
    });
    expect(sent && header(sent.message, "Min-Expires")).toBe("30");
  });

  //= RFC 3261 §10.3
  //# If the authenticated user is not authorized to modify bindings, the registrar MUST return a
  //# 403 (Forbidden) and skip the remaining steps.
  test("for somebody else is forbidden", () => {
    const stage = new DomainStage();
    const to = "<sip:bob@house.example>";
    expect(status(stage.register("alice", PHONE, { to }))).toBe("403 REGISTER");
    const elsewhere = "<sip:alice@elsewhere.example>";
    expect(status(stage.register("alice", PHONE, { to: elsewhere }))).toBe("403 REGISTER");
    const asBob = { from: "<sip:bob@house.example>;tag=r" };
    expect(status(stage.register("alice", PHONE, asBob))).toBe("403 REGISTER");
    expect(status(stage.register("alice", PHONE, { uri: "sip:elsewhere.example" }))).toBe(
      "403 REGISTER",
    );
    expect(stage.location.online("bob", stage.wire.now)).toBe(false);
    expect(stage.location.online("alice", stage.wire.now)).toBe(false);
  });

  //= RFC 3261 §10.3
  //# The URI MUST then be converted to a canonical form. To do that, all URI parameters MUST be
  //# removed (including the user-param), and any escaped characters MUST be converted to their
  //# unescaped form.
  test("may spell the address of record in any way that means the same", () => {
    const stage = new DomainStage();
    const to = '"A" <sip:%61lice@HOUSE.example:5060;user=phone;x=1>';
    expect(status(stage.register("alice", PHONE, { to }))).toBe("200 REGISTER");
    expect(stage.location.online("alice", stage.wire.now)).toBe(true);
  });

  //= RFC 3261 §10.3
  //# To guarantee that the registrar supports any necessary extensions, the registrar MUST process
  //# the Require header field values as described for UASs in Section 8.2.2.
  test("that requires an extension hears which is not supported", () => {
    const lines = ["Contact: sip:a@b", "Require: path, gruu, sec-agree"];
    const [sent] = new DomainStage().register("alice", PHONE, { lines });
    expect(sent && titleOf(sent)).toBe("420 REGISTER");
    expect(sent && header(sent.message, "Unsupported")).toBe("sec-agree");
  });

  //= RFC 3261 §10.3
  //# Registrars MUST ignore the Record-Route header field if it is included in a REGISTER request.
  //= RFC 3261 §10.3
  //# Registrars MUST NOT include a Record-Route header field in any response to a REGISTER request.
  //= RFC 3261 §10.3
  //# A registrar MUST not generate 6xx responses.
  test("has no route", () => {
    const lines = ["Contact: sip:a@b", "Record-Route: <sip:evil.example;lr>"];
    const [sent] = new DomainStage().register("alice", PHONE, { lines });
    expect(sent && titleOf(sent)).toBe("200 REGISTER");
    expect(sent?.octets).not.toMatch(/route/i);
  });

  test("is not one in a dialog, whatever its Route says", () => {
    const stage = new DomainStage();
    stage.register("bob", "203.0.113.9:5062");
    const [invite] = stage.say(
      PHONE,
      request("INVITE", { lines: [`Proxy-Authorization: ${stage.token("alice")}`] }),
    );
    const cookie = /Record-Route: (<.*>)/.exec(invite?.octets ?? "")?.[1];
    const to = "<sip:bob@house.example>;tag=b";
    const sent = stage.say(PHONE, request("REGISTER", { to, lines: [`Route: ${cookie}`] }));
    expect(sent.map(titleOf)).toEqual(["401 REGISTER"]);
  });

  test("is answered from the transaction when it comes again", () => {
    const stage = new DomainStage();
    const first = stage.register("alice", PHONE);
    const again = stage.register("alice", PHONE);
    expect(again.map(({ octets }) => octets)).toEqual(first.map(({ octets }) => octets));
  });
});

describe("a store that takes its time", () => {
  const disk = () => {
    const location = new DiskLocation();
    return { location, stage: new DomainStage({ location }) };
  };
  const next = (seq: number, contact = "<sip:a@b>") => ({
    seq,
    branch: `z9hG4bK${seq}`,
    lines: [`Contact: ${contact}`],
  });

  test("nothing is acknowledged, or rings, before it is on the disk", () => {
    const { stage, location } = disk();
    expect(stage.register("alice", PHONE)).toEqual([]);
    expect(stage.location.online("alice", stage.wire.now)).toBe(false);
    expect(location.write(stage)).toEqual(["200 1"]);
    expect(stage.location.online("alice", stage.wire.now)).toBe(true);
  });

  //= RFC 3261 §10.3
  //# REGISTER requests MUST be processed by a registrar in the order that they are received.
  //= RFC 3261 §10.3
  //# Each REGISTER message MUST be processed independently of any other registration or binding
  //# changes.
  test("RFC 3261 §10.3: one after the other for one person, and others do not wait", () => {
    const { stage, location } = disk();
    stage.register("alice", PHONE, next(1));
    stage.register("alice", PHONE, next(2, "<sip:a@b>;expires=0"));
    stage.register("alice", PHONE, next(3, "<sip:a@c>"));
    stage.register("bob", PHONE, next(7));
    expect(location.writes.map(({ user }) => user)).toEqual(["alice", "bob"]);
    expect(location.write(stage)).toEqual(["200 1"]);
    expect(location.write(stage)).toEqual(["200 7"]);
    expect(location.write(stage)).toEqual(["200 2"]);
    expect(location.write(stage)).toEqual(["200 3"]);
    const left = location.kept.bindings("alice", stage.wire.now);
    expect(left.map(({ contact }) => contact)).toEqual(["sip:a@c"]);
  });

  //= RFC 3261 §10.3
  //# If any one of them fails (for example, because the back-end database commit failed), the
  //# request MUST fail with a 500 (Server Error) response and all tentative binding updates MUST be
  //# removed.
  test("RFC 3261 §10.3: a write that fails is a 500, and the next one goes on", () => {
    const { stage, location } = disk();
    stage.register("alice", PHONE, next(1));
    stage.register("alice", PHONE, next(2));
    expect(location.write(stage, true)).toEqual(["500 1"]);
    expect(stage.log.at(-1)?.why).toContain("disk full");
    expect(location.write(stage)).toEqual(["200 2"]);
  });

  test("one that is too far behind is a 503 that says when to come again", () => {
    const { stage, location } = disk();
    stage.register("alice", PHONE, next(1));
    const before = stage.wire.outputs.length;
    stage.wire.call(() => location.writes.shift()?.done.reject(new StoreBusy(7)));
    const [sent] = stage.wire.outputs.slice(before);
    const octets = sent?.kind === "Datagram" ? sent.octets : "";
    expect(octets).toMatch(/^SIP\/2\.0 503 [\s\S]*\r\nRetry-After: 7\r\n/);
    expect(stage.log.at(-1)?.why).toContain("too slow");
    expect(stage.location.online("alice", stage.wire.now)).toBe(false);
  });

  test("a page that closed while its turn came is not registered", () => {
    const { stage, location } = disk();
    const page = stage.connect();
    stage.register("alice", PHONE, next(1));
    stage.register("alice", page, next(2, "<sip:a@page.invalid>"));
    stage.close(page);
    location.write(stage);
    expect(location.writes).toEqual([]);
    expect(location.kept.bindings("alice", stage.wire.now)).toHaveLength(1);
  });
});

test("RFC 4475 §3.3.4: a REGISTER for what is no SIP URI is a 400, whoever asks", () => {
  const stage = new DomainStage();
  //= RFC 3261 §10.2
  //# The To header field and the Request-URI field typically differ, as the former contains a user
  //# name. This address-of-record MUST be a SIP URI or SIPS URI.
  for (const to of ["isbn:2983792873", "<tel:+1234>"]) {
    const text = request("REGISTER", { uri: "sip:house.example", to, branch: `z9hG4bK${to[0]}` });
    expect(status(stage.say(PHONE, text))).toBe("400 REGISTER");
    expect(status(stage.register("alice", PHONE, { to }))).toBe("400 REGISTER");
  }
  expect(stage.location.online("alice", stage.wire.now)).toBe(false);
});

test("RFC 4475 §3.3.14: a contact whose escaped Route leads elsewhere may name this domain", () => {
  const stage = new DomainStage();
  const contact = "<sip:alice@house.example?Route=%3Csip:sip.example.com%3E>";
  const sent = stage.register("alice", PHONE, { lines: [`Contact: ${contact}`] });
  expect(contactsIn(sent)).toEqual([`${contact};expires=3600`]);
});
