import { describe, expect, test } from "vitest";
import { webSocketAt } from "../../transport/destination.ts";
import { CONNECTING_GIVES_UP_MS } from "./diallers.ts";
import type { NetworkOptions } from "./network.ts";
import { B, end, open, send, stage, tcpTo } from "./stage.ts";
import { STREAM_GIVES_UP_MS } from "./stream.ts";

async function connected(options: NetworkOptions = {}) {
  const all = stage(options);
  open(all.a, tcpTo(B));
  await all.network.run(100);
  return all;
}

describe("a stream", () => {
  test("opens after a round trip, from a port of its own", async () => {
    const { a, b } = await connected();
    expect(a.endpoint.all("Opened")).toMatchObject([{ transport: "TCP", dial: 1, remote: B }]);
    expect(b.endpoint.all("Opened")).toMatchObject([
      { transport: "TCP", local: B, remote: { host: "192.0.2.1" } },
    ]);
    expect(b.endpoint.all("Opened")[0]?.remote.port).toBeGreaterThanOrEqual(49_152);
  });

  test("dribbles: octet by octet, with time between", async () => {
    const { network, a, b } = await connected({ stream: { dribble: { bytes: 1, everyMs: 5 } } });
    send(a, "slowly");
    await network.run(100);
    expect(b.endpoint.octets("Received")).toEqual([..."slowly"]);
    const at = b.endpoint.heard.slice(1).map((one) => one.at);
    expect(at.slice(1).map((one, i) => one - (at[i] ?? 0))).toEqual([5, 5, 5, 5, 5]);
  });

  test("coalesces: what is said in one moment is one piece", async () => {
    const { network, a, b } = await connected({ stream: { coalesceMs: 20 } });
    for (const word of ["one", "two", "three"]) send(a, word);
    await network.run(100);
    expect(b.endpoint.octets("Received")).toEqual(["onetwothree"]);
  });

  test("both: pieces have nothing to do with what was said", async () => {
    const shape = { coalesceMs: 20, dribble: { bytes: 4, everyMs: 1 } };
    const { network, a, b } = await connected({ stream: shape });
    for (const word of ["one", "two", "three"]) send(a, word);
    await network.run(100);
    expect(b.endpoint.octets("Received")).toEqual(["onet", "woth", "ree"]);
  });

  test("half-closes: what both had said by then arrives", async () => {
    const { network, a, b } = await connected();
    send(a, "last words");
    end(a, "Finish");
    send(b, "on its way");
    await network.run(100);
    expect(b.endpoint.story()).toEqual(["Opened", "Received last words", "Closed"]);
    expect(a.endpoint.story()).toEqual(["Opened", "Received on its way", "Closed"]);
  });

  test("closes: what was said before is heard before; the closer hears nothing more", async () => {
    const { network, a, b } = await connected();
    send(b, "unheard");
    send(a, "farewell");
    end(a, "Close");
    await network.run(100);
    expect(b.endpoint.story()).toEqual(["Opened", "Received farewell", "Closed"]);
    expect(a.endpoint.story()).toEqual(["Opened", "Closed"]);
  });

  test("is reset by its peer: what is on its way is lost", async () => {
    const { network, a, b } = await connected();
    send(a, "lost");
    end(a, "Reset");
    await network.run(100);
    expect(b.endpoint.story()).toEqual(["Opened", "Closed ECONNRESET"]);
    expect(a.endpoint.story()).toEqual(["Opened", "Closed ECONNRESET"]);
  });

  test("is reset in the middle of a message", async () => {
    const { network, a, b } = await connected({ stream: { resetAfterBytes: 5 } });
    send(a, "hello world");
    await network.run(100);
    expect(b.endpoint.story()).toEqual(["Opened", "Received hello", "Closed ECONNRESET"]);
    expect(a.endpoint.story()).toEqual(["Opened", "Closed ECONNRESET"]);
  });

  test("waits while a partition lasts, and loses nothing", async () => {
    const { network, a, b } = await connected();
    const cut = network.partitions.cut(["a"], ["b"]);
    for (const word of ["one ", "two "]) send(a, word);
    await network.run(10_000);
    expect(b.endpoint.octets("Received")).toEqual([]);
    cut.heal();
    send(a, "three");
    await network.run(20_000);
    expect(b.endpoint.octets("Received").join("")).toBe("one two three");
  });

  test("ends by itself when a partition lasts too long", async () => {
    const { network, a } = await connected();
    network.partitions.split(["a"], ["b"]);
    send(a, "nobody");
    await network.run(STREAM_GIVES_UP_MS - 1000);
    expect(a.endpoint.story()).toEqual(["Opened"]);
    await network.run(100_000);
    expect(a.endpoint.story()).toEqual(["Opened", "Closed ETIMEDOUT"]);
  });
});

describe("a connection that does not come about", () => {
  test("is refused by a machine where nobody listens", async () => {
    const closed = stage({}, { listens: ["UDP"] });
    open(closed.a, tcpTo(B));
    open(closed.a, tcpTo({ ...B, port: 9 }));
    await closed.network.run(20);
    expect(closed.a.endpoint.story()).toEqual(["NotOpened ECONNREFUSED", "NotOpened ECONNREFUSED"]);
  });

  test("is refused where the weather is like that", async () => {
    const { network, a } = stage({ stream: { opening: "refused" } });
    open(a, tcpTo(B));
    await network.run(20);
    expect(a.endpoint.story()).toEqual(["NotOpened ECONNREFUSED"]);
  });

  test.each(["nobody is there", "the plug was pulled", "the way is cut", "a firewall drops it"])(
    "ends after two minutes where %s",
    async (why) => {
      const { network, a, b } = stage(why === "a firewall drops it" ? SILENT : {});
      if (why === "the plug was pulled") b.close();
      if (why === "the way is cut") network.partitions.cut(["b"], ["a"]);
      open(a, tcpTo(why === "nobody is there" ? { host: "192.0.2.99", port: 1 } : B));
      await network.run(CONNECTING_GIVES_UP_MS - 1);
      expect(a.endpoint.story()).toEqual([]);
      await network.run(1);
      expect(a.endpoint.story()).toEqual(["NotOpened ETIMEDOUT"]);
    },
  );

  test("stalls in its handshake where a program hangs, but for TCP alone", async () => {
    const { network, a, b } = stage();
    b.hang();
    open(a, tcpTo(B));
    open(a, webSocketAt("ws://192.0.2.2:5060"), 2);
    await network.run(1000);
    expect(a.endpoint.story()).toEqual(["Opened"]);
    await network.run(CONNECTING_GIVES_UP_MS);
    expect(a.endpoint.story()).toEqual(["Opened", "NotOpened ETIMEDOUT"]);
    open(a, webSocketAt("ws://192.0.2.2:5060"), 3);
    await network.run(1000);
    b.stop();
    await network.run(100);
    expect(a.endpoint.story().slice(2), "and ends with it").toEqual([
      "NotOpened ECONNRESET",
      "Closed",
    ]);
  });
});

const SILENT: NetworkOptions = { stream: { opening: "silent" } };

describe("TLS", () => {
  const tls = (name: string) => ({ transport: "TLS", remote: { ...B, port: 5061 }, name }) as const;

  test("opens to whom it was meant for, one port higher, and says who is there", async () => {
    const { network, a, b } = stage({}, { identities: ["b.example"] });
    open(a, tls("b.example"));
    await network.run(100);
    expect(a.endpoint.all("Opened")).toMatchObject([
      { transport: "TLS", identities: ["b.example"] },
    ]);
    expect(b.endpoint.all("Opened")[0]?.identities).toBeUndefined();
  });

  test("does not open to anybody else", async () => {
    const { network, a } = stage({}, { identities: ["evil.example"] });
    open(a, tls("b.example"));
    await network.run(100);
    expect(a.endpoint.story()).toEqual(["NotOpened ERR_TLS_CERT_ALTNAME_INVALID"]);
  });
});

describe("a WebSocket", () => {
  test("has whole messages, in whatever pieces they travel", async () => {
    const { network, a, b } = stage({ stream: { dribble: { bytes: 1, everyMs: 1 } } });
    open(a, webSocketAt("ws://192.0.2.2:5060/sip"));
    await network.run(100);
    for (const word of ["one", "", "three\n3\n"]) send(a, word);
    await network.run(100);
    expect(b.endpoint.octets("Received")).toEqual(["one", "", "three\n3\n"]);
  });

  test("that is reset in a message has none of it", async () => {
    const { network, a, b } = stage({ stream: { resetAfterBytes: 9 } });
    open(a, webSocketAt("ws://192.0.2.2:5060/sip"));
    await network.run(100);
    for (const word of ["one", "two and more"]) send(a, word);
    await network.run(100);
    expect(b.endpoint.story()).toEqual(["Opened", "Received one", "Closed ECONNRESET"]);
  });
});
