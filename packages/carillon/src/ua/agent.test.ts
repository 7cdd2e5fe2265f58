import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { type RequestParts, requestText } from "../testing/request-text.ts";

const STRANGER = { host: "192.0.2.66", port: 5060 };
const OTHER_PORT = { host: "192.0.2.9", port: 5070 };
const ANSWER = { toTag: "b1", lines: ["Contact: <sip:bob@192.0.2.77>"], body: "v=0\r\n" };

const status = (texts: readonly string[]) => texts.map((text) => text.split(" ")[1]);

describe("a phone that has a server", () => {
  test("does not ring for whoever knows its address", async () => {
    const { phone, wire, register } = lonePhone();
    await register();
    const calls = phone.calls();
    let rang = false;
    calls.next().then(() => {
      rang = true;
    });
    for (const from of [STRANGER, OTHER_PORT]) {
      expect(status(wire.datagram(requestText("INVITE"), from))).toEqual(["403"]);
    }
    const connection = wire.connect();
    expect(status(wire.received(connection, requestText("INVITE")))).toEqual(["403"]);
    expect(wire.wait(60_000)).toEqual([]);
    expect(rang).toBe(false);
  });

  test("lets nobody else into its calls, though they know tags and Call-ID", async () => {
    const { phone, wire, register, requests, say } = lonePhone();
    await register();
    const call = phone.call("sip:bob@example.com");
    await Promise.resolve();
    await say("");
    const [invite] = requests("INVITE") as [Request];
    await say(answerTo(invite, 200, ANSWER));
    await call.answered;
    const parts: RequestParts = {
      from: "<sip:bob@example.com>;tag=b1",
      to: header(invite, "From") ?? "",
      callId: header(invite, "Call-ID") ?? "",
      seq: 5,
    };
    for (const method of ["BYE", "INVITE"]) {
      const forged = requestText(method, parts);
      for (const from of [STRANGER, OTHER_PORT]) {
        expect(status(wire.datagram(forged, from))).toEqual(["403"]);
      }
    }
    wire.datagram(requestText("ACK", parts), STRANGER);
    expect(call.state.name).toBe("Established");
    await say(requestText("BYE", { ...parts, branch: "z9hG4bKreal" }));
    expect(call.state.name).toBe("Ended");
  });
});

describe("a phone that is called over and over", () => {
  test("is busy with a hundred calls", async () => {
    const { phone, wire, register, server } = lonePhone();
    await register();
    phone.calls();
    const answers = Array.from({ length: 110 }, (_, i) =>
      wire.datagram(requestText("INVITE", { branch: `z9hG4bK${i}`, callId: `${i}` }), server),
    );
    expect(answers.slice(0, 100).every(([text]) => text?.startsWith("SIP/2.0 180"))).toBe(true);
    expect(answers.slice(100).every(([text]) => text?.startsWith("SIP/2.0 486"))).toBe(true);
  });

  test("keeps of each call what it needs, and not the message it came in", async () => {
    const [short, long] = [await octetsKept(0), await octetsKept(15_000)];
    expect(long - short).toBeLessThan(1000);
  });
});

/** Memory for each of many calls that somebody keeps, with messages padded to this length. */
async function octetsKept(padding: number): Promise<number> {
  const { phone, wire, register, server, wait, sent } = lonePhone();
  await register();
  const kept: unknown[] = [];
  void (async () => {
    for await (const call of phone.calls()) {
      kept.push(call);
      call.decline();
    }
  })();
  const ring = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const name = `"Somebody with a long name ${i}" <sip:somebody-with-a-long-name@example.com>`;
      const contact = "Contact: <sip:somebody-with-a-long-name@192.0.2.9:5060>";
      const lines = [contact, `X-Padding: ${"p".repeat(padding)}`];
      const ids = { branch: `z9hG4bK-long-branch-${i}`, callId: `a-long-call-id-${i}` };
      wire.datagram(requestText("INVITE", { ...ids, lines, from: `${name};tag=tag${i}` }), server);
      await wait(100);
      sent();
      wire.outputs.length = 0;
    }
    await wait(80_000);
    wire.outputs.length = 0;
  };
  await ring(0, 100);
  const before = heapUsed();
  await ring(100, 1100);
  const used = heapUsed() - before;
  expect(kept).toHaveLength(1100);
  return used / 1000;
}

/** After everything that is not needed has been thrown away. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

describe("a phone's address", () => {
  test("RFC 3261 §8.1.1.8 is the same wherever it is given, and answers there", async () => {
    const { phone, register, requests, say, sent, wire, server } = lonePhone();
    phone.register().catch(() => {});
    await say("");
    const [registering] = requests("REGISTER") as [Request];
    await say(answerTo(registering, 200));
    await register();
    sent();
    phone.call("sip:bob@example.com");
    await say("");
    const contact = header(registering, "Contact");
    const [invite] = requests("INVITE") as [Request];
    expect(header(invite, "Contact")).toBe(contact);
    //= RFC 3261 §8.1.1.8
    //# That is, the Contact header field value contains the URI at which the UA would like to
    //# receive requests, and this URI MUST be valid even if used in subsequent requests outside of
    //# any dialogs.
    //= RFC 3261 §12.1.2
    //# When a UAC sends a request that can establish a dialog (such as an INVITE) it MUST provide a
    //# SIP or SIPS URI with global scope (i.e., the same SIP URI can be used in messages outside
    //# this dialog) in the Contact header field of the request.
    const uri = contact?.slice(1, -1) ?? "";
    expect(status(wire.datagram(requestText("OPTIONS", { uri }), server))).toEqual(["200"]);
  });

  test("RFC 3261 §8.1.2 everything it sends goes to its server, whoever it is for", async () => {
    //= RFC 3261 §8.1.1.2
    //# All SIP implementations MUST support the SIP URI scheme.
    const { phone, wire, register, say, server, requests } = lonePhone();
    await register();
    phone.call("sip:bob@elsewhere.example");
    await say("");
    const [invite] = requests("INVITE") as [Request];
    await say(answerTo(invite, 200, ANSWER));
    //= RFC 3261 §8.1.2
    //# Unless there is local policy specifying otherwise, the destination MUST be determined by
    //# applying the DNS procedures described in [4] as follows.
    const remotes = wire.outputs.flatMap((one) => (one.kind === "Datagram" ? [one.remote] : []));
    expect(remotes).toHaveLength(3);
    expect(new Set(remotes)).toEqual(new Set([server]));
  });

  test("RFC 3261 §18.1.1 is where answers find it, wherever they come from", async () => {
    const { phone, wire, register, say, requests } = lonePhone();
    await register();
    const call = phone.call("sip:bob@example.com");
    await say("");
    const [invite] = requests("INVITE") as [Request];
    //= RFC 3261 §18.1.1
    //# For unreliable unicast transports, the client transport MUST be prepared to receive
    //# responses on the source IP address from which the request is sent (as responses are sent
    //# back to the source address) and the port number in the "sent-by" field.
    //= RFC 3261 §18.1.1
    //# The client MUST be prepared to receive responses on any address and port that would be
    //# selected by a server based on the procedures described in Section 5 of [4].
    expect(header(invite, "Via")).toContain("UDP 192.0.2.1:5060;");
    const local = { host: "192.0.2.1", port: 5060 };
    const octets = answerTo(invite, 180);
    wire.input({ kind: "Datagram", local, remote: OTHER_PORT, octets });
    expect(call.state.name).toBe("Ringing");
  });

  test("is checked when it is made", () => {
    expect(() => lonePhone({ aor: "alice" })).toThrow(RangeError);
    expect(() => lonePhone({ aor: "tel:+123" })).toThrow(RangeError);
  });

  test("RFC 3261 §10.2 names a registrar without its user, at its own port", async () => {
    const { phone, requests } = lonePhone({ aor: "sip:alice@[2001:db8::1]:5070;user=phone" });
    phone.register().catch(() => {});
    for (let i = 0; i < 10; i++) await Promise.resolve();
    const [register] = requests("REGISTER") as [Request];
    //= RFC 3261 §10.2
    //# The "userinfo" and "@" components of the SIP URI MUST NOT be present.
    expect(register.uri).toBe("sip:[2001:db8::1]:5070");
  });

  test("and name may be in any letters, and end no header", async () => {
    const displayName = 'Zoë "Z"\r\nEvil: 1\0 北';
    const { phone, requests } = lonePhone({ displayName });
    phone.register().catch(() => {});
    for (let i = 0; i < 10; i++) await Promise.resolve();
    const [register] = requests("REGISTER") as [Request];
    expect(header(register, "evil")).toBeUndefined();
    expect(read(register.text).kind).toBe("Request");
  });
});
