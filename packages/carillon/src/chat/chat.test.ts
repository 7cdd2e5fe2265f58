import { describe, expect, test } from "vitest";
import { formatCpim } from "../documents/cpim.ts";
import { formatIsComposing, parseIsComposing } from "../documents/is-composing.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { type House, house } from "../testing/house.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import { partsOf } from "../ua/phone-parts.ts";
import { type Chat, chat } from "./chat.ts";
import type { ChatMessage } from "./chat-message.ts";
import type { Receipt } from "./receipts.ts";

const BOB = "sip:bob@house.example";
const ALICE = "sip:alice@house.example";

async function two(home: House = house()) {
  const [alice, bob] = [await home.signedIn("alice"), await home.signedIn("bob", "ws")];
  return { ...home, alice, bob, chats: { alice: chat(alice), bob: chat(bob) } };
}

/** Everything that comes of an iteration, as it comes. */
function collected<T>(values: AsyncIterable<T>): T[] {
  const all: T[] = [];
  void (async () => {
    for await (const one of values) all.push(one);
  })();
  return all;
}

describe("two people", () => {
  test("RFC 5438 §7 hear that their messages arrived, and were shown", async () => {
    const { network, chats } = await two();
    const got = collected(chats.bob.messages());
    const sent = await network.until(
      chats.alice.send(BOB, "Grüße ☎", { receipts: ["delivered", "displayed", "failed"] }),
    );
    const receipts = collected(sent.notifications());
    await network.run(1000);
    expect(got).toMatchObject([
      { from: { uri: ALICE, displayName: "Alice" }, text: "Grüße ☎", id: sent.id },
    ]);
    expect(receipts).toEqual([{ kind: "delivery", status: "delivered", recipient: BOB }]);
    expect(got[0]?.wantsDisplayed).toBe(true);
    got[0]?.displayed();
    got[0]?.displayed();
    await network.run(1000);
    expect(receipts.map(({ status }) => status)).toEqual(["delivered", "displayed"]);
    // Whoever looks later sees them, too.
    expect(collected(sent.notifications())).toEqual([]);
    await network.run(1);
    expect(await sent.notifications().next()).toMatchObject({ value: { status: "delivered" } });
  });

  test("write plainly as well, and nobody hears what became of that", async () => {
    const { network, chats, bob } = await two();
    const [plain, got] = [collected(bob.messages()), collected(chats.bob.messages())];
    const sent = await network.until(chats.alice.send(BOB, "hello"));
    expect([sent.id, await sent.notifications().next()]).toMatchObject([undefined, { done: true }]);
    await network.run(1000);
    expect([plain, got]).toMatchObject([[{ text: "hello" }], [{ text: "hello" }]]);
    expect(got[0]?.wantsDisplayed).toBe(false);
    got[0]?.displayed();
  });

  test("RFC 3994 §3 see each other write", async () => {
    const { network, chats, ladder } = await two();
    const got = collected(chats.bob.messages());
    const writing = collected(chats.bob.composers());
    ladder();
    chats.alice.composing(BOB);
    await network.run(2000);
    chats.alice.composing(BOB);
    expect(writing).toEqual([[], [ALICE]]);
    await network.until(chats.alice.send(BOB, "hello"));
    await network.run(1000);
    expect(got).toHaveLength(1);
    expect(writing).toEqual([[], [ALICE], []]);
    chats.alice.composing(BOB);
    await network.run(20_000);
    expect(writing).toEqual([[], [ALICE], [], [ALICE], []]);
    chats.alice.composing(BOB);
    await network.run(100);
    chats.alice.stopped(BOB);
    await network.run(1000);
    expect(writing).toHaveLength(7);
  });

  test("hear no more once one of them has closed it", async () => {
    const { network, chats, alice, bob } = await two();
    const got = collected(chats.bob.messages());
    chats.bob.close();
    const late = await network.until(chats.alice.send(BOB, "?").catch((error: unknown) => error));
    expect(late).toMatchObject({ code: "SIP_UNAVAILABLE" });
    expect(() => chat(alice)).toThrow("already");
    const again = collected(chat(bob).messages());
    await network.until(chats.alice.send(BOB, "!"));
    expect([got.length, again.length]).toEqual([0, 1]);
    await network.until(Promise.all([alice.close(), bob.close()]));
    expect(partsOf(bob).agent.takers.census()).toMatchObject({ tasks: 0 });
  });
});

interface Lone {
  readonly got: ChatMessage[];
  /** Brings a MESSAGE; the status it is answered with. */
  bring(contentType: string, body: string): Promise<number | undefined>;
  /** MESSAGEs that have been sent since the last look. */
  sent(): readonly Request[];
  say(octets: string): Promise<void>;
  wait(ms: number): Promise<void>;
  readonly talk: Chat;
}

async function lone(options: Parameters<typeof chat>[1] = {}): Promise<Lone> {
  const { phone, register, wire, server, requests, say, wait } = lonePhone();
  await register();
  const talk = chat(phone, options);
  const got = collected(talk.messages());
  const seen = new Set<string>();
  let count = 0;
  return {
    ...{ talk, got, say, wait },
    sent: () => requests("MESSAGE").filter(({ text }) => !seen.has(text) && seen.add(text)),
    bring: async (contentType, body) => {
      const parts = { callId: `m${++count}`, branch: `z9hG4bKm${count}`, body };
      const lines = [`Content-Type: ${contentType}`];
      const texts = wire.datagram(requestText("MESSAGE", { ...parts, lines }), server).map(read);
      await wait(0);
      const answer = texts.find(({ kind }) => kind === "Response");
      return answer?.kind === "Response" ? answer.status : undefined;
    },
  };
}

const IMDN = "urn:ietf:params:imdn";
const wrapped = (
  extensions: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
  content = "hello",
) =>
  formatCpim({
    ...{ from: { name: "", uri: "sip:bob@example.com" }, prefixes: { [IMDN]: "i" } },
    ...{ to: { name: "", uri: "sip:alice@example.com" }, dateTime: new Date(0), content },
    extensions: Object.entries(extensions).map(([name, value]) => ({
      namespace: IMDN,
      name,
      value,
    })),
    contentHeaders: Object.entries({ "Content-Type": "text/plain", ...headers }),
  });
const WANTED = {
  "Message-ID": "m1",
  "Disposition-Notification": "positive-delivery, display;x=1",
};

describe("a message that asks for receipts", () => {
  test("RFC 5438 §7.2.1 is answered by one each, which ask for nothing", async () => {
    const { bring, sent, got, say } = await lone();
    expect(await bring("message/cpim", wrapped(WANTED))).toBe(200);
    const [delivered] = sent() as [Request];
    expect(delivered.uri).toBe("sip:bob@example.com");
    expect(header(delivered, "Content-Type")).toBe("message/cpim");
    //= RFC 5438 §7.2.1
    //# IM Recipients MUST insert a Content-Disposition header field set to the value
    //# "notification".
    expect(delivered.body).toContain("\r\nContent-Disposition: notification\r\n");
    //= RFC 5438 §7.2.1
    //# A Disposition-Notification header field MUST NOT appear in an IMDN since it is forbidden to
    //# request an IMDN for an IMDN.
    expect(delivered.body).not.toContain("Disposition-Notification");
    //= RFC 5438 §7.2.1
    //# An IMDN MUST contain a Message-ID header field.
    expect(delivered.body).toMatch(/\r\nimdn\.Message-ID: (?!m1\r)\S+\r\n/);
    expect(delivered.body).toContain("<message-id>m1</message-id>");
    expect(delivered.body).toContain("<status><delivered/></status>");
    await say(answerTo(delivered, 200));
    got[0]?.displayed();
    const [displayed, ...more] = sent() as [Request];
    expect(displayed.body).toContain("<status><displayed/></status>");
    expect(more).toEqual([]);
  });

  test("is shown once, and answered once, however often it comes", async () => {
    const { bring, sent, got } = await lone();
    for (let i = 0; i < 3; i++) expect(await bring("message/cpim", wrapped(WANTED))).toBe(200);
    expect([got.length, sent().length]).toEqual([1, 1]);
    expect(await bring("message/cpim", wrapped({ "Message-ID": "m2" }))).toBe(200);
    expect([got.length, sent().length]).toEqual([2, 0]);
  });

  test("is not told what its reader does not want told", async () => {
    const { bring, sent, got } = await lone({ tellsDelivered: false });
    await bring("message/cpim", wrapped(WANTED));
    expect([got.length, sent()]).toEqual([1, []]);
  });

  test("RFC 5438 §7.2.1 is answered by the way it came, unless that is a stranger's", async () => {
    const { bring, sent } = await lone();
    const route = "<sip:list@example.com;lr>";
    await bring("message/cpim", wrapped({ ...WANTED, "IMDN-Record-Route": route }));
    const [receipt] = sent() as [Request];
    expect(receipt.uri).toBe("sip:list@example.com;lr");
    //= RFC 5438 §7.2.1
    //# If IMDN-Record-Route header fields appear in the IM, the IM Recipient constructing the IMDN
    //# MUST copy the contents of the IMDN-Record-Route header fields into IMDN-Route header fields
    //# in the IMDN and maintain their order.
    expect(receipt.body).toContain(`\r\nimdn.IMDN-Route: ${route}\r\n`);
    const victim = { "Message-ID": "m2", "IMDN-Record-Route": "<sip:x@victim.example>" };
    await bring("message/cpim", wrapped({ ...WANTED, ...victim }));
    expect(sent()).toEqual([]);
  });

  test("RFC 5438 §7.2.1 is no receipt: there is none for a receipt", async () => {
    const { bring, sent, got } = await lone();
    const imdn = `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>x</message-id>
      <display-notification><status><displayed/></status></display-notification></imdn>`;
    const headers = {
      "Content-Type": "message/imdn+xml",
      "Content-Disposition": "notification",
    };
    //= RFC 5438 §7.2.1
    //# An IM Sender MUST ignore a delivery notification request in an IMDN if present.
    expect(await bring("message/cpim", wrapped(WANTED, headers, imdn))).toBe(200);
    expect(await bring("message/cpim", wrapped(WANTED, headers, "nonsense"))).toBe(400);
    const undeclared = { "Content-Type": "message/imdn+xml" };
    expect(await bring("message/cpim", wrapped(WANTED, undeclared, imdn))).toBe(415);
    expect([sent(), got]).toEqual([[], []]);
  });

  test("RFC 3862 §4.7 is refused if it cannot be understood", async () => {
    const { bring, got } = await lone();
    expect(await bring("message/cpim", "nonsense")).toBe(400);
    const vital = wrapped({}).replace("\r\n\r\n", "\r\nRequire: Vital\r\n\r\n");
    expect(await bring("message/cpim", vital)).toBe(400);
    expect(await bring("message/cpim", wrapped({}, { "Content-Type": "image/png" }))).toBe(415);
    expect(await bring("image/png", "x")).toBe(415);
    expect(await bring("application/im-iscomposing+xml", "x")).toBe(400);
    expect(got).toEqual([]);
  });
});

describe("receipts", () => {
  test("RFC 5438 §7.1.4 come one by one or several at once, and count once", async () => {
    const { talk, sent, bring, say } = await lone();
    const sending = talk.send("sip:bob@example.com", "hello", { receipts: ["displayed"] });
    const [message] = sent() as [Request];
    await say(answerTo(message, 202));
    const answer = await sending;
    const receipts: Receipt[] = collected(answer.notifications());
    const imdn = (kind: string, status: string, recipient: string) =>
      `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>${answer.id}</message-id>` +
      `<recipient-uri>${recipient}</recipient-uri><${kind}-notification><status><${status}/>` +
      `</status></${kind}-notification></imdn>`;
    const part = (...parts: Parameters<typeof imdn>) =>
      `--b\r\nContent-Type: message/imdn+xml\r\n\r\n${imdn(...parts)}\r\n`;
    const headers = (type: string) => ({
      ...{ "Content-Type": type, "Content-Disposition": "notification" },
    });
    //= RFC 5438 §7.1.4
    //# An IM Sender that requested IMDNs MUST be prepared to receive multiple aggregated or
    //# non-aggregated IMDNs.
    const several =
      part("delivery", "delivered", "sip:b@x") +
      part("display", "displayed", "sip:c@x") +
      "--b--\r\n";
    const mixed = headers('multipart/mixed;boundary="b"');
    expect(await bring("message/cpim", wrapped({}, mixed, several))).toBe(200);
    const single = imdn("display", "displayed", "sip:c@x");
    for (let i = 0; i < 2; i++) {
      await bring("message/cpim", wrapped({}, headers("message/imdn+xml"), single));
    }
    expect(receipts).toEqual([
      { kind: "delivery", status: "delivered", recipient: "sip:b@x" },
      { kind: "display", status: "displayed", recipient: "sip:c@x" },
    ]);
    expect([answer.status, answer.isDelivered]).toEqual([202, false]);
  });

  test("are looked for in the last thousand messages, and end with the chat", async () => {
    const { talk, sent, say } = await lone();
    const sending = talk.send("sip:bob@example.com", "1", { receipts: [] });
    await say(answerTo((sent() as [Request])[0], 200));
    const first = (await sending).notifications();
    for (let i = 0; i < 1000; i++) {
      void talk.send(`sip:bob${i}@example.com`, "2", { receipts: [] }).catch(() => {});
    }
    expect(await first.next()).toMatchObject({ done: true });
  });
});

describe("that somebody writes", () => {
  test("RFC 3994 §4 is told in a MESSAGE, and not any more after a 415", async () => {
    const { talk, sent, say, wait } = await lone();
    talk.composing("sip:bob@example.com");
    const [told] = sent() as [Request];
    expect(header(told, "Content-Type")).toBe("application/im-iscomposing+xml");
    expect(parseIsComposing(told.body)).toMatchObject({
      value: { state: "active", refreshSeconds: 90 },
    });
    //= RFC 3994 §4
    //# In SIP-based IM, The composer MUST cease transmitting status messages if the receiver
    //# returned a 415 status code (Unsupported Media Type) in response to a MESSAGE request
    //# containing the status indication.
    await say(answerTo(told, 415));
    await wait(20_000);
    talk.composing("sip:bob@example.com");
    expect(sent()).toEqual([]);
  });

  test("RFC 3994 §3.5 is heard in message/cpim as well, of a few hundred people", async () => {
    const { talk, bring, wait } = await lone();
    const writing = collected(talk.composers());
    const active = formatIsComposing({ state: "active", refreshSeconds: 60 });
    const type = { "Content-Type": "application/im-iscomposing+xml" };
    expect(await bring("message/cpim", wrapped({}, type, active))).toBe(200);
    expect(await bring("message/cpim", wrapped({}, type, "x"))).toBe(400);
    expect(await bring("application/im-iscomposing+xml", active)).toBe(200);
    await wait(61_000);
    expect(writing).toEqual([[], ["sip:bob@example.com"], []]);
  });
});
