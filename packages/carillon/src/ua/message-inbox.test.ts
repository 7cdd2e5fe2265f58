import { describe, expect, test } from "vitest";
import { hasHeader, header } from "../message/headers.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { MessagesOptions } from "./message-inbox.ts";

async function listening(...options: MessagesOptions[]) {
  const lone = lonePhone();
  await lone.register();
  const got: IncomingMessage[] = [];
  const queues = options.map((one) => lone.phone.messages(one));
  for (const queue of queues) {
    void (async () => {
      for await (const message of queue) got.push(message);
    })();
  }
  let count = 0;
  /** Says it to the phone; gives back what comes at once. */
  const write = async (
    body: string,
    lines: string[] = ["Content-Type: text/plain"],
    id?: string,
  ) => {
    const callId = id ?? `m${++count}`;
    const parts = { callId, branch: `z9hG4bK${callId}`, lines, body };
    const texts = lone.wire.datagram(requestText("MESSAGE", parts), lone.server);
    await lone.wait(0);
    return texts.map(read);
  };
  return { ...lone, got, write, queues };
}

describe("a message that comes in", () => {
  test("RFC 3428 §7 is accepted at once, without a body and without a Contact", async () => {
    const { write, got } = await listening({});
    //= RFC 3428 §7
    //# A UAS that supports the MESSAGE method MUST be prepared to receive and render bodies of type
    //# "text/plain", and may support reception and rendering of bodies of type "message/cpim" [7].
    const [answer] = await write("hello");
    //= RFC 3428 §7
    //# A UAS receiving a MESSAGE request SHOULD respond with a final response immediately.
    //= RFC 3428 §7
    //# A 2xx response to a MESSAGE request MUST NOT contain a body. A UAS MUST NOT insert a Contact
    //# header field into a 2xx response.
    expect(answer).toMatchObject({ status: 200, body: "" });
    expect(answer && hasHeader(answer, "Contact")).toBe(false);
    expect(got).toMatchObject([{ text: "hello", from: { uri: "sip:bob@example.com" }, id: "m1" }]);
  });

  test("is shown once, however often it comes", async () => {
    const { write, got } = await listening({});
    for (let i = 0; i < 3; i++) expect(await write("hello", undefined, "same")).toHaveLength(1);
    expect(got).toHaveLength(1);
  });

  test("is refused as long as nobody would see it", async () => {
    const { write, got, phone } = await listening();
    expect(await write("hello")).toMatchObject([{ status: 480 }]);
    const control = new AbortController();
    void phone.messages({ signal: control.signal }).next();
    expect(await write("hello")).toMatchObject([{ status: 200 }]);
    control.abort();
    expect(await write("hello")).toMatchObject([{ status: 480 }]);
    expect(got).toEqual([]);
  });

  test("RFC 3261 §8.2.3 of another type is refused, with those that are understood", async () => {
    const { write, got } = await listening({}, { accept: ["Text/HTML"] });
    const others = [
      ["Content-Type: image/png"],
      ["Content-Type: text/plain;charset=koi8-r"],
      ["Content-Type: text/plain", "Content-Encoding: gzip"],
      ["Content-Type: nonsense"],
    ];
    for (const lines of others) {
      const [answer] = await write("?", lines);
      expect(answer).toMatchObject({ status: 415 });
      expect(answer && header(answer, "Accept")).toBe("text/plain, text/html");
      expect(answer && header(answer, "Accept-Encoding")).toBe("identity");
    }
    expect(await write("<p>", ["Content-Type: text/html"])).toMatchObject([{ status: 200 }]);
    expect(got).toMatchObject([{ contentType: "text/html" }]);
  });

  test("that is too long is refused", async () => {
    const { write, got } = await listening({});
    expect(await write("x".repeat(20_001))).toMatchObject([{ status: 413 }]);
    expect(await write("x".repeat(20_000))).toMatchObject([{ status: 200 }]);
    expect(got).toHaveLength(1);
  });

  test("is read as its charset says, and without a type as text", async () => {
    const { write, got } = await listening({});
    await write("Gr\u00c3\u00bc\u00c3\u009fe", ["Content-Type: text/plain"]);
    await write("Gr\u00fc\u00dfe", ["Content-Type: text/plain;charset=ISO-8859-1"]);
    await write("", []);
    expect(got.map(({ text }) => text)).toEqual(["Grüße", "Grüße", ""]);
  });

  test("RFC 3428 §7 says until when it is of use", async () => {
    const { write, got, wire } = await listening({});
    const type = "Content-Type: text/plain";
    await write("1", [type, "Expires: 60", "Date: Sun, 09 Sep 2001 01:00:00 GMT"]);
    //= RFC 3428 §7
    //# If the request does not contain a Date header field, the UAS SHOULD interpret the Expires
    //# header value as delta time from the time the UAS received the request.
    await write("2", [type, "Expires: 60"]);
    //= RFC 3428 §7
    //# MESSAGE requests without an Expires header field do not expire.
    await write("3");
    expect(got[0]?.date?.toISOString()).toBe("2001-09-09T01:00:00.000Z");
    expect(got.map(({ expires }) => expires?.getTime())).toEqual([
      Date.UTC(2001, 8, 9, 1, 1),
      wire.now + 60_000,
      undefined,
    ]);
  });

  test("waits for its listener's own answer, if it wants that", async () => {
    const { write, got, wire, sent } = await listening({ explicit: true });
    expect(await write("1")).toEqual([]);
    await write("2");
    sent();
    wire.call(() => got[0]?.accept());
    wire.call(() => got[0]?.reject());
    wire.call(() => got[1]?.reject());
    expect(sent().map((text) => text.split(" ")[1])).toEqual(["200", "603"]);
    expect(() => got[1]?.reject(200)).toThrow(RangeError);
  });

  test("RFC 4320 §4.2 is refused in time when no answer comes", async () => {
    const { write, got, sent, wait } = await listening({ explicit: true });
    await write("1");
    sent();
    await wait(11_000);
    expect(sent().map((text) => text.split(" ")[1])).toContain("480");
    got[0]?.accept();
    expect(sent()).toEqual([]);
  });

  test("is put off while a thousand have not been looked at", async () => {
    const { write, phone } = await listening();
    const queue = phone.messages();
    for (let i = 0; i < 1000; i++) await write(`${i}`);
    const [answer] = await write("one too many");
    expect(answer).toMatchObject({ status: 480 });
    expect(answer && header(answer, "Retry-After")).toBe("60");
    await queue.next();
    expect(await write("now")).toMatchObject([{ status: 200 }]);
  });

  test("RFC 3428 §4 may come in the dialog of a call", async () => {
    const { phone, got, wire, server, say, requests } = await listening({});
    const call = phone.call("sip:bob@example.com");
    await say("");
    const [invite] = requests("INVITE");
    if (!invite) throw new Error("no INVITE");
    const contact = "Contact: <sip:bob@192.0.2.77>";
    await say(answerTo(invite, 200, { toTag: "b1", lines: [contact], body: "v=0\r\n" }));
    await call.answered;
    const parts = {
      ...{ from: "<sip:bob@example.com>;tag=b1", to: header(invite, "From") ?? "", seq: 5 },
      ...{ callId: header(invite, "Call-ID") ?? "", body: "hello" },
      lines: ["Content-Type: text/plain"],
    };
    const texts = wire.datagram(requestText("MESSAGE", parts), server);
    expect(texts.map(read)).toMatchObject([{ status: 200 }]);
    await say("");
    expect(got).toMatchObject([{ text: "hello" }]);
  });

  test("RFC 3261 §11.2 OPTIONS tells which types are shown", async () => {
    const { wire, server } = await listening({ accept: ["text/html"] });
    const [answer] = wire.datagram(requestText("OPTIONS"), server).map(read);
    expect(answer && header(answer, "Allow")).toContain("MESSAGE");
    expect(answer?.text).toContain("Accept: text/html");
  });
});
