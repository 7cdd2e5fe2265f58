import { describe, expect, test } from "vitest";
import { hasHeader, header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { house } from "../testing/house.ts";
import { answerTo, lonePhone } from "../testing/lone-phone.ts";
import { partsOf } from "./phone-parts.ts";

const BOB = "sip:bob@example.com";

async function writing() {
  const lone = lonePhone();
  await lone.register();
  const one = (): Request => {
    const [request, ...more] = lone.requests("MESSAGE");
    if (!request || more.length > 0) throw new Error(`${more.length + 1} messages`);
    return request;
  };
  return { ...lone, one, none: () => expect(lone.requests("MESSAGE")).toEqual([]) };
}

/** What a promise comes to, for those that are expected to fail. */
const fate = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe("a message that is sent", () => {
  test("RFC 3428 §4 is text, has no Contact, and 200 says that it is there", async () => {
    const { phone, one, say } = await writing();
    const sent = phone.message(BOB, "Grüße");
    const request = one();
    //= RFC 3428 §4
    //# User Agents MUST NOT insert Contact header fields into MESSAGE requests.
    expect(hasHeader(request, "Contact")).toBe(false);
    //= RFC 3428 §4
    //# All UACs which support the MESSAGE method MUST be prepared to send MESSAGE requests with a
    //# body of type text/plain.
    expect(header(request, "Content-Type")).toBe("text/plain;charset=UTF-8");
    expect(request).toMatchObject({ uri: BOB, body: "Gr\u00c3\u00bc\u00c3\u009fe" });
    await say(answerTo(request, 200));
    //= RFC 3428 §4
    //# It MUST NOT assume that the recipient has actually read the instant message.
    //= RFC 3428 §4
    //# Therefore the UAC MUST NOT assume that a given final response represents the only UAS that
    //# receives the request.
    // It says that it arrived somewhere, and no more.
    expect(await sent).toEqual({ status: 200, isDelivered: true });
  });

  test("RFC 3428 §4 a 202 says that it is on its way and no more", async () => {
    const { phone, one, say } = await writing();
    const sent = phone.message(BOB, "hello", { contentType: "text/html" });
    const request = one();
    expect(header(request, "Content-Type")).toBe("text/html");
    await say(answerTo(request, 202));
    //= RFC 3428 §4
    //# In this case, the UAC MUST NOT assume the message has been delivered to the final
    //# destination.
    expect(await sent).toEqual({ status: 202, isDelivered: false });
  });

  test("RFC 3428 §4 says when it was sent, if it is to expire", async () => {
    const { phone, one } = await writing();
    void phone.message(BOB, "soon", { expiresSeconds: 60.7 });
    const request = one();
    //= RFC 3428 §4
    //# If the UAC adds an Expires header field with a non-zero value, it SHOULD also add a Date
    //# header field containing the time the message is sent.
    expect(header(request, "Expires")).toBe("60");
    expect(header(request, "Date")).toBe("Sun, 09 Sep 2001 01:46:40 GMT");
  });

  test("RFC 3428 §5 goes to a SIP URI, though an im: URI was given", async () => {
    const { phone, one } = await writing();
    void phone.message("im:bob@example.com", "hello");
    //= RFC 3428 §5
    //# If a UA is presented with an IM URI as the address for an instant message, it SHOULD resolve
    //# it to a SIP URI, and place the resulting URI in the Request-URI of the MESSAGE request
    //# before sending.
    const request = one();
    expect(request.uri).toBe(BOB);
    //= RFC 3428 §5
    //# Record-Route and Route header fields MUST NOT contain IM URIs.
    expect(request.text).not.toMatch(/\bim:/);
  });

  test("RFC 3428 §8 is not sent if it is too long", async () => {
    const { phone, none } = await writing();
    const sent = fate(phone.message(BOB, "x".repeat(1000)));
    none();
    expect(await sent).toMatchObject({ code: "SIP_TOO_LARGE" });
  });

  test("RFC 3428 §8 waits until the one before it has been answered", async () => {
    const { phone, one, none, say } = await writing();
    const order: string[] = [];
    const sent = (text: string) => phone.message(BOB, text).then(() => order.push(text));
    const all = [sent("1"), sent("2"), sent("3")];
    const first = one();
    //= RFC 3428 §8
    //# A UAC MUST NOT initiate a new out-of-dialog MESSAGE transaction to a given URI if there is a
    //# previous out-of-dialog transaction pending for the same URI.
    none();
    //= RFC 3428 §8
    //# Similarly, A UAC SHOULD NOT initiate overlapping MESSAGE transactions inside a dialog, and
    //# MUST NOT do so unless the route set for that dialog uses a congestion-controlled transport
    //# at every hop.
    expect(header(first, "To")).not.toContain("tag=");
    void phone.message("sip:carol@example.com", "to somebody else");
    expect(one().uri).toBe("sip:carol@example.com");
    await say(answerTo(first, 200));
    const second = one();
    expect(second.body).toBe("2");
    await say(answerTo(second, 200));
    await say(answerTo(one(), 200));
    await Promise.all(all);
    expect(order).toEqual(["1", "2", "3"]);
  });

  test("tells in words why it was refused", async () => {
    const words: [number, string, string][] = [
      [404, "SIP_NOT_FOUND", "There is nobody of that name."],
      [413, "SIP_REJECTED", "The message is too long for them."],
      [415, "SIP_REJECTED", "Their device cannot show a message of this kind."],
      [480, "SIP_UNAVAILABLE", "They are not online."],
      [499, "SIP_REJECTED", "The message was refused."],
      [603, "SIP_DECLINED", "They do not want this message."],
    ];
    const { phone, one, say } = await writing();
    for (const [status, code, message] of words) {
      const sent = fate(phone.message(BOB, "hello"));
      await say(answerTo(one(), status));
      expect(await sent).toMatchObject({ status, code, message });
    }
    const sent = fate(phone.message(BOB, "hello"));
    const lines = ['Warning: 399 carillon "The house is closed."'];
    await say(answerTo(one(), 403, { lines }));
    expect(await sent).toMatchObject({ code: "SIP_FORBIDDEN", message: "The house is closed." });
  });

  test("fails when nobody answers, and when there is no server", async () => {
    const { phone, wait, requests } = await writing();
    const sent = fate(phone.message(BOB, "hello"));
    await wait(40_000);
    expect(await sent).toMatchObject({ code: "SIP_TIMEOUT" });
    const branches = requests("MESSAGE").map((one) => header(one, "Via"));
    expect(new Set(branches).size).toBe(1);
    const lost = lonePhone();
    expect(await fate(lost.phone.message(BOB, "hello"))).toMatchObject({ code: "SIP_TRANSPORT" });
  });

  test("can be given up, and keeps its place on the way", async () => {
    const { phone, one, none, say } = await writing();
    const control = new AbortController();
    const { signal } = control;
    const first = fate(phone.message(BOB, "1", { signal }));
    const second = fate(phone.message(BOB, "2", { signal }));
    const third = phone.message(BOB, "3");
    const request = one();
    control.abort();
    expect(await Promise.all([first, second])).toMatchObject([
      { code: "SIP_CANCELLED" },
      { code: "SIP_CANCELLED" },
    ]);
    none();
    await say(answerTo(request, 200));
    const next = one();
    expect(next.body).toBe("3");
    await say(answerTo(next, 200));
    await third;
    expect(await fate(phone.message(BOB, "4", { signal }))).toMatchObject({
      code: "SIP_CANCELLED",
    });
    none();
  });

  test("an address or a type that is none is the caller's mistake", async () => {
    const { phone, none } = await writing();
    expect(() => phone.message("bob", "hello")).toThrow(RangeError);
    expect(() => phone.message("sip:bob@example.com;method=INVITE", "hello")).toThrow(RangeError);
    expect(() => phone.message(BOB, "x", { contentType: "text/plain\r\nX: y" })).toThrow(
      RangeError,
    );
    none();
  });

  test("a closed phone sends none, and tells those that wait", async () => {
    const { phone, one, say, wait, requests } = await writing();
    const all = [1, 2].map((n) => fate(phone.message(BOB, `${n}`)));
    one();
    const closed = phone.close();
    const [leaving] = requests("REGISTER");
    if (!leaving) throw new Error("it did not sign off");
    await say(answerTo(leaving, 200));
    await wait(3000);
    await closed;
    const code = "SIP_CLOSED";
    expect(await Promise.all(all)).toMatchObject([{ code }, { code }]);
    expect(await fate(phone.message(BOB, "late"))).toMatchObject({ code });
  });

  test("a thousand may wait, and nothing is kept of those that are gone", async () => {
    const { phone } = await writing();
    const { agent } = partsOf(phone);
    const all = Array.from({ length: 1001 }, (_, i) => fate(phone.message(BOB, `${i}`)));
    expect(await all[1000]).toMatchObject({ message: "Too many messages are waiting already." });
    expect(agent.takers.census().tasks).toBe(1);
  });
});

test("two phones write to each other through their server", async () => {
  const { network, signedIn, hostOf } = house();
  const [alice, bob] = [await signedIn("alice"), await signedIn("bob", "ws")];
  const inbox = bob.messages();
  const sent = alice.message("sip:bob@house.example", "Are you there? ☎");
  const { value } = await network.until(inbox.next());
  expect(value).toMatchObject({
    from: { uri: "sip:alice@house.example", displayName: "Alice" },
    text: "Are you there? ☎",
    contentType: "text/plain;charset=UTF-8",
  });
  expect(await network.until(sent)).toEqual({ status: 200, isDelivered: true });
  await network.run(40_000);
  for (const phone of [alice, bob]) {
    expect(partsOf(phone).agent.takers.census()).toEqual({ tasks: 0, dialogs: 0, answered: 0 });
    expect(hostOf(phone).endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  }
});
