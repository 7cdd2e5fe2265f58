import { describe, expect, it } from "vitest";
import { fromBytes, toBytes } from "../grammar/octets.ts";
import { house } from "../testing/house.ts";
import { MsrpWires } from "../testing/msrp-wires.ts";
import type { FileSource } from "./file-transfer.ts";
import { type Framing, frame, startFraming } from "./framing.ts";
import type { MsrpHost, MsrpLink, MsrpLinkUser } from "./link.ts";
import type { MsrpHead } from "./message.ts";
import { messageSessions } from "./message-sessions.ts";
import { parsePath } from "./msrp-uri.ts";
import { receiveFiles } from "./receive-files.ts";
import { Relay, type RelayOptions } from "./relay.ts";
import { sendFile } from "./send-file.ts";
import { Switchboard } from "./switchboard.ts";

const PLACE = { scheme: "msrps", host: "relay.example.com", port: 2855, transport: "tcp" } as const;

/** A clock that stands still but for `later`. */
function stoppedHost(): MsrpHost & { later(ms: number): void } {
  let now = 0;
  let count = 0;
  const due: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    random: (octets) => (++count).toString(16).padStart(octets * 2, "e"),
    at: (at, run) => {
      const one = { at, run };
      due.push(one);
      return () => void due.splice(due.indexOf(one), due.includes(one) ? 1 : 0);
    },
    later: (ms) => {
      now += ms;
      for (const one of due.filter(({ at }) => at <= now)) {
        due.splice(due.indexOf(one), 1);
        one.run();
      }
    },
  };
}

/** A client as it is on the wire: says octets, and sees what comes back. */
class Client implements MsrpLinkUser {
  readonly heads: MsrpHead[] = [];
  readonly bodies: string[] = [];
  isClosed = false;
  link!: MsrpLink;
  #framing: Framing = startFraming;

  received(octets: Uint8Array): void {
    const [state, ...frames] = frame(this.#framing, octets);
    this.#framing = state;
    for (const one of frames) {
      if (one.kind === "Head") {
        this.heads.push(one.head);
        this.bodies.push("");
      } else if (one.kind === "Octets")
        this.bodies[this.bodies.length - 1] += fromBytes(one.octets);
    }
  }
  drained(): void {}
  closed(): void {
    this.isClosed = true;
  }
  say(...lines: readonly string[]): void {
    this.link.write(toBytes(`${lines.join("\r\n")}\r\n`));
  }
  get last(): MsrpHead | undefined {
    return this.heads.at(-1);
  }
  header(name: string): string {
    return this.last?.headers.find(([other]) => other === name)?.[1] ?? "";
  }
}

async function relayed(more: Partial<RelayOptions> = {}) {
  const host = stoppedHost();
  const board = new Switchboard(host);
  const wires = new MsrpWires();
  const relay = new Relay({
    ...{ host, place: PLACE },
    authenticate: (request) => {
      const shown = request.headers.find(([name]) => name === "Authorization")?.[1];
      if (shown === undefined)
        return { kind: "Asked", headers: [["WWW-Authenticate", 'Digest realm="r"']] };
      const account = shown.replace("Bearer ", "");
      return account === "wrong"
        ? { kind: "Asked", headers: [] }
        : { kind: "Known", account, headers: [] };
    },
    ...more,
  });
  board.otherwise = relay;
  wires.world(PLACE).listen?.(board.take);
  const client = async (): Promise<Client> => {
    const one = new Client();
    const [to] = parsePath("msrps://relay.example.com:2855;tcp") ?? [];
    if (!to) throw new Error("no URI");
    await wires.world().connect(to, (link) => {
      one.link = link;
      return one;
    });
    return one;
  };
  return { relay, host, client, wires };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Signs in; the URI that the relay gives. */
async function signIn(one: Client, name: string, own: string, ...more: string[]): Promise<string> {
  one.say(
    ...["MSRP 49fh AUTH", "To-Path: msrps://relay.example.com:2855;tcp", `From-Path: ${own}`],
    ...[`Authorization: Bearer ${name}`, ...more, "-------49fh$"],
  );
  await settle();
  return one.header("Use-Path");
}

const ALICE = "msrps://alice.invalid:9/a1;ws";
const BOB = "msrps://bob.invalid:9/b1;ws";
const send = (to: string, from: string, ...more: readonly string[]): readonly string[] => [
  ...["MSRP 6aef SEND", `To-Path: ${to}`, `From-Path: ${from}`, "Message-ID: 87652"],
  ...["Byte-Range: 1-39/39", ...more, "Content-Type: text/plain", ""],
  ...["Hi Bob, I'm about to send you file.mpeg", "-------6aef$"],
];

describe("a relay", () => {
  it("RFC 4976 §5.1 asks who it is, and gives a URI nobody can guess, for a time", async () => {
    const { relay, client, host } = await relayed();
    const alice = await client();
    alice.say(
      "MSRP 49fh AUTH",
      "To-Path: msrps://relay.example.com:2855;tcp",
      `From-Path: ${ALICE}`,
      "-------49fh$",
    );
    await settle();
    //= RFC 4976 §5.1
    //# In response to an AUTH request that does not contain an Authorization header, a relay MUST
    //# respond with a "401 Unauthorized" response containing a WWW-Authenticate header.
    expect(alice.last).toMatchObject({
      status: 401,
      headers: [["WWW-Authenticate", 'Digest realm="r"']],
    });
    const path = await signIn(alice, "alice", ALICE, "Expires: 600");
    expect(path).toMatch(/^msrps:\/\/relay\.example\.com:2855\/[0-9a-f]{40};tcp$/);
    expect(alice.header("Expires")).toBe("600");
    expect(relay.handles).toBe(1);
    //= RFC 4976 §6.3
    //# If the AUTH request contains an Expires header, the relay MUST ensure that the URI is
    //# invalidated after the expiry time.
    host.later(600_000);
    expect(relay.handles).toBe(0);
  });

  it("§6.3 says which times are too short and too long", async () => {
    const { client } = await relayed({ minSeconds: 60, maxSeconds: 3600 });
    const alice = await client();
    await signIn(alice, "alice", ALICE, "Expires: 5");
    expect([alice.last, alice.header("Min-Expires")]).toMatchObject([{ status: 423 }, "60"]);
    await signIn(alice, "alice", ALICE, "Expires: 5000");
    expect([alice.last, alice.header("Max-Expires")]).toMatchObject([{ status: 423 }, "3600"]);
  });

  it("§3 passes a message on, its URIs moved from path to path, and the report back", async () => {
    const { client } = await relayed();
    const [alice, bob] = [await client(), await client()];
    const [a, b] = [await signIn(alice, "alice", ALICE), await signIn(bob, "bob", BOB)];
    alice.say(...send(`${a} ${b} ${BOB}`, ALICE, "Success-Report: yes"));
    await settle();
    //= RFC 4976 §6.4.1
    //# If an incoming SEND request contains a Failure-Report header with a value of "yes", an MSRP
    //# relay that receives that SEND request MUST respond with a final response immediately.
    expect(alice.last).toMatchObject({ kind: "Response", transactionId: "6aef", status: 200 });
    const got = bob.last;
    if (got?.kind !== "Request") throw new Error("nothing came");
    expect(got.toPath.map(({ sessionId }) => sessionId)).toEqual(["b1"]);
    const session = (uri: string): string => parsePath(uri)?.[0]?.sessionId ?? "";
    expect(got.fromPath.map(({ sessionId }) => sessionId)).toEqual([session(b), session(a), "a1"]);
    expect(got.transactionId).not.toBe("6aef");
    expect(bob.header("Success-Report")).toBe("yes");
    expect(bob.bodies.at(-1)).toBe("Hi Bob, I'm about to send you file.mpeg");
    bob.say(
      `MSRP ${got.transactionId} 200 OK`,
      `To-Path: ${b}`,
      `From-Path: ${BOB}`,
      `-------${got.transactionId}$`,
    );
    bob.say(
      ...[
        "MSRP yh67 REPORT",
        `To-Path: ${b} ${a} ${ALICE}`,
        `From-Path: ${BOB}`,
        "Message-ID: 87652",
      ],
      ...["Byte-Range: 1-39/39", "Status: 000 200 OK", "-------yh67$"],
    );
    await settle();
    expect(alice.last).toMatchObject({ method: "REPORT" });
    expect(alice.last?.fromPath.map(({ sessionId }) => sessionId)).toEqual([
      session(a),
      session(b),
      "b1",
    ]);
    expect(alice.header("Status")).toBe("000 200 OK");
  });

  it("§6.4 forwards nothing for strangers, nor by the URI of another", async () => {
    //= RFC 4976 §6.4
    //# Before any request is forwarded, the relay MUST check that the first URI in the To-Path
    //# header corresponds to a URI that this relay has created and handed out in the Use-Path
    //# header of an AUTH request.
    const { client } = await relayed();
    const [alice, bob, eve] = [await client(), await client(), await client()];
    const [a, b] = [await signIn(alice, "alice", ALICE), await signIn(bob, "bob", BOB)];
    const guess = b.replace(/\/[0-9a-f]+;/, "/0000;");
    eve.say(...send(`${guess} ${BOB}`, "msrps://eve.invalid:9/e1;ws"));
    await settle();
    expect(eve.last).toMatchObject({ status: 481 });
    // She knows the URI, but not whom it leads to: and anywhere else it leads to nobody.
    eve.say(...send(`${a} msrp://192.0.2.9:25/x;tcp`, "msrps://eve.invalid:9/e1;ws"));
    await settle();
    expect(eve.last).toMatchObject({ status: 403 });
    alice.say(...send(`${a} msrp://192.0.2.9:25/x;tcp`, ALICE));
    await settle();
    expect(alice.last).toMatchObject({ status: 403 });
    expect(bob.heads).toHaveLength(1);
    //= RFC 4976 §6.2
    //# If the request is not addressed to the relay, the relay immediately drops the corresponding
    //# connection over which the request was received.
    eve.say(...send("msrps://elsewhere.example.com:2855/x;tcp", ALICE));
    await settle();
    expect(eve.isClosed).toBe(true);
  });

  it("has one connection for each session: whoever comes second to a URI is refused", async () => {
    const { client } = await relayed();
    const [alice, bob, eve] = [await client(), await client(), await client()];
    const [a, b] = [await signIn(alice, "alice", ALICE), await signIn(bob, "bob", BOB)];
    alice.say(...send(`${a} ${b} ${BOB}`, ALICE));
    await settle();
    eve.say(...send(`${b} ${BOB}`, ALICE));
    await settle();
    expect(eve.last).toMatchObject({ status: 506 });
    expect(bob.heads).toHaveLength(2);
  });

  it("§6.4.1 tells a sender that a next hop says no, or nothing", async () => {
    const { client, host } = await relayed();
    const [alice, bob] = [await client(), await client()];
    const [a, b] = [await signIn(alice, "alice", ALICE), await signIn(bob, "bob", BOB)];
    alice.say(...send(`${a} ${b} ${BOB}`, ALICE));
    await settle();
    const id = bob.last?.transactionId ?? "";
    bob.say(`MSRP ${id} 413 Enough`, `To-Path: ${b}`, `From-Path: ${BOB}`, `-------${id}$`);
    await settle();
    expect([alice.header("Status"), alice.header("Byte-Range")]).toEqual([
      "000 413 Stop Sending",
      "1-39/39",
    ]);
    alice.say(...send(`${a} ${b} ${BOB}`, ALICE));
    await settle();
    //= RFC 4976 §6.4.1
    //# If after 30 seconds the next hop has not sent any response, then the relay MUST construct a
    //# REPORT with a status code of 408 to indicate a timeout error happened sending the message,
    //# and send the REPORT to the original sender of the message.
    host.later(30_000);
    await settle();
    expect(alice.header("Status")).toBe("000 408 Timeout");
    alice.say(...send(`${a} ${b} ${BOB}`, ALICE, "Failure-Report: no"));
    await settle();
    const count = alice.heads.length;
    host.later(60_000);
    await settle();
    expect(alice.heads).toHaveLength(count);
  });

  it("§6.3 forgets a URI with its connection, and closes one that tries passwords", async () => {
    const { client, relay } = await relayed();
    const [alice, eve] = [await client(), await client()];
    await signIn(alice, "alice", ALICE);
    alice.link.close();
    await settle();
    expect(relay.handles).toBe(0);
    for (let i = 0; i < 5; i++) await signIn(eve, "wrong", ALICE);
    expect(eve.isClosed).toBe(true);
  });

  it("has no more of a file waiting than may be, however slow the other side is", async () => {
    const { client, wires } = await relayed();
    const [alice, bob] = [await client(), await client()];
    const [a, b] = [await signIn(alice, "alice", ALICE), await signIn(bob, "bob", BOB)];
    bob.link.pause();
    const head = send(`${a} ${b} ${BOB}`, ALICE, "Failure-Report: no").slice(0, -2);
    alice.link.write(toBytes(`${head.join("\r\n").replace("1-39/39", "1-*/*")}\r\n`));
    let written = 0;
    for (let i = 0; i < 4000 && alice.link.room > 0; i++) {
      alice.link.write(new Uint8Array(16_384).fill(0x61));
      written += 16_384;
      await settle();
    }
    expect(written).toBeLessThan(2_000_000);
    bob.link.resume();
    while (written < 20_000_000) {
      for (let i = 0; i < 50 && alice.link.room <= 0; i++) await settle();
      expect(alice.link.room).toBeGreaterThan(0);
      alice.link.write(new Uint8Array(16_384).fill(0x61));
      written += 16_384;
    }
    alice.say("", "-------6aef$");
    for (let i = 0; i < 200; i++) await settle();
    expect(bob.bodies.reduce((sum, body) => sum + body.length, 0)).toBe(written);
    expect(wires.mostWaiting).toBeLessThan(256 * 1024);
  });
});

describe("phones behind a relay", () => {
  it("RFC 4976 §5.1 reach each other though nobody can connect to either", async () => {
    const { network, signedIn } = house({ seed: 5 });
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    const { wires } = await relayed();
    const uri = "msrps://relay.example.com:2855;tcp";
    const relay = (name: string) => ({ relay: { uri, credentials: { token: async () => name } } });
    messageSessions(alice, wires.world(), relay("alice"));
    messageSessions(bob, wires.world(), relay("bob"));
    const files = receiveFiles(bob);
    const content = Uint8Array.from({ length: 500_000 }, (_, at) => (at * 7) & 0xff);
    const source: FileSource = {
      ...{ name: "a.bin", type: "application/octet-stream", size: content.length },
      read: async (offset, length) => content.subarray(offset, offset + length),
    };
    const transfer = sendFile(alice, "sip:bob@house.example", source);
    const { value: file } = await network.until(files.next());
    const got = new Uint8Array(content.length);
    const taken = file.accept({
      write: (at: number, octets: Uint8Array) => got.set(octets, at),
      read: (at: number, length: number) => got.subarray(at, at + length),
    });
    expect(await network.until(taken)).toBe(500_000);
    await network.until(transfer.done);
    expect(got).toEqual(content);
  });
});
