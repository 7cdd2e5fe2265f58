import { describe, expect, test } from "vitest";
import { type Presence, parsePidf } from "../documents/pidf.ts";
import { hasHeader, header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { answerTo, lonePhone } from "../testing/lone-phone.ts";
import { partsOf } from "../ua/phone-parts.ts";
import { ownPresence } from "./own-state.ts";
import { presence, registrations } from "./packages.ts";
import type { PublicationState } from "./publication.ts";
import { type PublishOptions, publish } from "./publish.ts";

const ALICE = "sip:alice@example.com";
const about = (note: string): Presence => ({
  ...{ entity: ALICE, tuples: [], notes: [note], activities: [] },
});

async function publishing(options: PublishOptions = {}) {
  const lone = lonePhone();
  await lone.register();
  const publication = publish(lone.phone, presence, about("first"), options);
  const states: PublicationState["name"][] = [];
  void (async () => {
    for await (const { name } of publication.states()) states.push(name);
  })();
  const seen = new Set<string>();
  const fresh = () =>
    lone.requests("PUBLISH").filter(({ text }) => !seen.has(text) && seen.add(text));
  const one = (): Request => {
    const [request, ...more] = fresh();
    if (request && more.length === 0) return request;
    throw new Error(`${more.length + (request ? 1 : 0)} PUBLISHes`);
  };
  const none = () => expect(fresh().map(({ text }) => text)).toEqual([]);
  const { agent } = partsOf(lone.phone);
  return { ...lone, publication, states, one, none, agent };
}

const note = ({ body }: Request) => {
  const read = parsePidf(body);
  return read.ok ? read.value.notes[0] : undefined;
};

const granted = (etag: string, seconds = 3600) => ({
  lines: [`SIP-ETag: ${etag}`, `Expires: ${seconds}`],
});

describe("a publication", () => {
  test("RFC 3903 §4.2 begins without a tag, and is there once the server says so", async () => {
    const { publication, one, say, states } = await publishing();
    const request = one();
    expect(request.uri).toBe(ALICE);
    expect([header(request, "Event"), header(request, "Expires")]).toEqual(["presence", "3600"]);
    expect(header(request, "Content-Type")).toBe("application/pidf+xml");
    //= RFC 3903 §4.2
    //# An initial PUBLISH request MUST NOT contain a SIP-If-Match header field.
    expect(hasHeader(request, "SIP-If-Match")).toBe(false);
    expect(hasHeader(request, "Contact")).toBe(false);
    await say(answerTo(request, 200, granted("e1")));
    await publication.published;
    expect(publication.state).toEqual({ name: "Published", etag: "e1" });
    expect(states).toEqual(["Publishing", "Published"]);
  });

  test("RFC 3903 §4 goes its usual way, whatever Record-Route the answer has", async () => {
    const { publication, one, say } = await publishing();
    const { lines } = granted("e1");
    const request = one();
    await say(answerTo(request, 200, { lines: [...lines, "Record-Route: <sip:p.example;lr>"] }));
    publication.update(about("second"));
    //= RFC 3903 §4
    //# The Record-Route header field has no meaning in PUBLISH requests or responses, and MUST be
    //# ignored if present.
    //= RFC 3903 §4
    //# In particular, the UAC MUST NOT create a new route set based on the presence or absence of a
    //# Record-Route header field in any response to a PUBLISH request.
    const next = one();
    expect([next.uri, hasHeader(next, "Route")]).toEqual([ALICE, false]);
  });

  test("RFC 3903 §4.3 is refreshed without a body, and §4.4 changed with one", async () => {
    const { publication, one, say, wait, states } = await publishing();
    await say(answerTo(one(), 200, granted("e1")));
    await wait(3_001_000);
    const refresh = one();
    //= RFC 3903 §4.3
    //# Therefore, a PUBLISH request that refreshes event state MUST NOT have a body.
    expect([refresh.body, header(refresh, "SIP-If-Match")]).toEqual(["", "e1"]);
    expect(hasHeader(refresh, "Content-Type")).toBe(false);
    await say(answerTo(refresh, 200, granted("e2")));
    publication.update(about("second"));
    const modify = one();
    //= RFC 3903 §4.4
    //# A PUBLISH request that modifies event state MUST contain a body that includes the modified
    //# event state.
    expect([note(modify), header(modify, "SIP-If-Match")]).toEqual(["second", "e2"]);
    await say(answerTo(modify, 200, granted("e3")));
    expect(states).toEqual([
      ...["Publishing", "Published", "Published", "Publishing", "Published"],
    ]);
  });

  test("RFC 3903 §4 tells of two changes with one request, after the one that is out", async () => {
    const { publication, one, none, say } = await publishing();
    const first = one();
    publication.update(about("second"));
    publication.update(about("third"));
    //= RFC 3903 §4
    //# EPAs MUST NOT send a new PUBLISH request (not a re-transmission) for the same Request-URI,
    //# until they have received a final response from the ESC for the previous one or the previous
    //# PUBLISH request has timed out.
    none();
    await say(answerTo(first, 200, granted("e1")));
    expect(note(one())).toBe("third");
    none();
  });

  test("RFC 3903 §5 begins anew when the server knows nothing of it", async () => {
    const { one, say, publication } = await publishing({ etag: "old" });
    const first = one();
    expect([header(first, "SIP-If-Match"), note(first)]).toEqual(["old", "first"]);
    await say(answerTo(first, 412));
    const second = one();
    //= RFC 3903 §5
    //# The EPA MUST also discard the entity-tag that produced this error response.
    expect([hasHeader(second, "SIP-If-Match"), note(second)]).toEqual([false, "first"]);
    await say(answerTo(second, 200, granted("e1")));
    expect(publication.state.name).toBe("Published");
  });

  test("RFC 3903 §4.5 is taken back with its tag and without a body", async () => {
    const { publication, one, say, agent } = await publishing();
    await say(answerTo(one(), 200, granted("e1")));
    const removed = publication.remove();
    const request = one();
    //= RFC 3903 §4.5
    //# Therefore, a PUBLISH request that removes event state MUST NOT contain a body.
    expect([request.body, header(request, "Expires")]).toEqual(["", "0"]);
    expect(header(request, "SIP-If-Match")).toBe("e1");
    await say(answerTo(request, 200));
    await removed;
    expect(publication.state).toEqual({ name: "Removed" });
    expect(agent.takers.census().tasks).toBe(0);
    await publication.remove();
  });

  test("that is refused is over, and one that fails is tried again", async () => {
    const refused = await publishing();
    await refused.say(answerTo(refused.one(), 403));
    expect(refused.publication.state).toMatchObject({ error: { code: "SIP_FORBIDDEN" } });
    await expect(refused.publication.published).rejects.toMatchObject({ status: 403 });
    const failed = await publishing();
    await failed.say(answerTo(failed.one(), 503, { lines: ["Retry-After: 20"] }));
    expect(failed.publication.state).toMatchObject({ name: "Waiting", error: { status: 503 } });
    await failed.wait(19_000);
    failed.none();
    await failed.wait(1100);
    await failed.say(answerTo(failed.one(), 200, granted("e1")));
    expect(failed.publication.state.name).toBe("Published");
  });

  test("is tried again at once when the phone is signed in again", async () => {
    const { one, say, agent, wire, publication } = await publishing();
    await say(answerTo(one(), 503, { lines: ["Retry-After: 200"] }));
    wire.call(() => agent.takers.tell("back"));
    expect(note(one())).toBe("first");
    expect(publication.state.name).toBe("Publishing");
  });

  test("is taken back when its phone is closed", async () => {
    const { phone, one, say, wait, publication, isStopped } = await publishing();
    await say(answerTo(one(), 200, granted("e1")));
    void phone.close();
    const last = one();
    expect(header(last, "Expires")).toBe("0");
    await wait(3000);
    expect([isStopped(), publication.state.name]).toEqual([true, "Removed"]);
    publication.update(about("late"));
    await wait(1000);
    expect(publication.state.name).toBe("Removed");
  });

  test("of what can only be read is the caller's mistake", async () => {
    const { phone } = await publishing();
    const { write: _, ...onlyRead } = registrations;
    expect(() => publish(phone, onlyRead, [])).toThrow(TypeError);
  });
});

test("RFC 3863 §4.1.7 what a phone says of itself has a new time when it is new", () => {
  const { phone } = lonePhone();
  const own = ownPresence(phone, { note: "hello" });
  const first = own.value();
  own.set({ activities: ["away"], isClosed: true });
  const second = own.value();
  expect(first).toMatchObject({ entity: ALICE, tuples: [{ basic: "open" }], notes: ["hello"] });
  expect(second).toMatchObject({ tuples: [{ basic: "closed" }], activities: ["away"] });
  //= RFC 3863 §4.1.7
  //# A PRESENTITY MUST NOT generate successive <presence> elements containing the same timestamp.
  const [before, after] = [first, second].map(({ tuples }) => tuples[0]?.timestamp?.getTime());
  expect(after).toBeGreaterThan(before ?? 0);
});
