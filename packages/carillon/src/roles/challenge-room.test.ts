import { describe, expect, test } from "vitest";
import { type Incoming, incoming } from "../endpoint/incoming.ts";
import { readEssentials } from "../message/essentials.ts";
import { parseMessage } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { fitting, type Offer } from "./challenge-room.ts";

const offer = (scheme: Offer["scheme"]): Offer => ({ scheme, value: "x".repeat(140) });
const ALL = (["SHA-512-256", "SHA-256", "MD5", "Bearer"] as const).map(offer);

/** A request of so many octets; what it is filled up with is repeated in an answer, or not. */
function request(octets: number, filledWith: "From" | "Subject", transport: Flow["transport"]) {
  const text = (filling: string) =>
    [
      "OPTIONS sip:a@b SIP/2.0",
      "Via: SIP/2.0/UDP a;branch=z9hG4bK1",
      `From: ${filledWith === "From" ? filling : ""}<sip:a@b>;tag=1`,
      "To: <sip:a@b>",
      "Call-ID: 1",
      "CSeq: 1 OPTIONS",
      `Subject: ${filledWith === "Subject" ? filling : ""}`,
      ...["", ""],
    ].join("\r\n");
  const message = parseMessage(text("x".repeat(octets - text("").length)));
  if (!message.ok || message.value.kind !== "Request") throw new Error("no request");
  const essentials = readEssentials(message.value);
  if (!essentials.ok) throw new Error(essentials.error.message);
  const here = { host: "192.0.2.1", port: 5060 };
  const flow: Flow = { transport, local: here, remote: here, connection: 0 };
  return incoming(message.value, essentials.value, flow);
}

const kept = (from: Incoming) => fitting(from, ALL).map(({ scheme }) => scheme);

describe("what a challenge offers", () => {
  test("is everything to a request that is long enough, and over a stream", () => {
    const everything = ["SHA-512-256", "SHA-256", "MD5", "Bearer"];
    expect(kept(request(900, "Subject", "UDP"))).toEqual(everything);
    expect(kept(request(450, "Subject", "UDP"))).toEqual(everything);
    expect(kept(request(180, "Subject", "TCP"))).toEqual(everything);
  });

  test("is less to a short one over UDP, but never nothing", () => {
    expect(kept(request(260, "Subject", "UDP"))).toEqual(["SHA-512-256", "SHA-256", "MD5"]);
    expect(kept(request(220, "Subject", "UDP"))).toEqual(["SHA-256", "MD5"]);
    expect(kept(request(180, "Subject", "UDP"))).toEqual(["SHA-256"]);
    expect(fitting(request(180, "Subject", "UDP"), [offer("MD5")])).toHaveLength(1);
  });

  test("is less to one whose headers fill the answer by themselves", () => {
    expect(kept(request(700, "Subject", "UDP"))).toHaveLength(4);
    expect(kept(request(700, "From", "UDP"))).toEqual(["SHA-256"]);
  });
});
