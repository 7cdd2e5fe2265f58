import { expect, test } from "vitest";
import type { Happening } from "./happening.ts";
import { duration, inWords, quality } from "./words.ts";

const bob = { event: "call", call: 1, peer: "sip:bob@a.example", name: "Bob" } as const;
const outgoing = { ...bob, direction: "outgoing" } as const;
const end = { by: "remote", code: "SIP_HUNG_UP", message: "They hung up.", seconds: 75 } as const;

test.each<[Happening, string | undefined]>([
  [
    { event: "watcher", who: "sip:gran@b.example", name: "Grandma" },
    "Grandma (sip:gran@b.example) asks to be told how you are. " +
      "Let them: allow sip:gran@b.example. No: deny sip:gran@b.example",
  ],
  [
    { event: "presence", who: "sip:bob@a.example", status: "asked", note: "" },
    "sip:bob@a.example is asked whether you may be told.",
  ],
  [{ ...outgoing, state: "dialing" }, "Call 1: calling sip:bob@a.example…"],
  [{ event: "waking", call: 1, peer: bob.peer, name: "Bob" }, "Call 1: waking the phone of Bob…"],
  [{ ...outgoing, state: "ringing" }, "Call 1: it rings at Bob."],
  [{ ...outgoing, state: "ringing", earlyMedia: true }, "Call 1: Bob can be heard already."],
  [
    { ...bob, direction: "incoming", state: "incoming" },
    "Call 1: Bob (sip:bob@a.example) calls. Answer it: answer. No: decline",
  ],
  [
    { ...bob, direction: "incoming", state: "incoming", name: "" },
    "Call 1: sip:bob@a.example calls. Answer it: answer. No: decline",
  ],
  [{ ...outgoing, state: "answering" }, undefined],
  [{ ...outgoing, state: "established" }, "Call 1: you are talking to Bob."],
  [{ ...outgoing, state: "established", held: "ByUs" }, "Call 1: Bob is on hold."],
  [{ ...outgoing, state: "established", held: "ByThem" }, "Call 1: Bob has put you on hold."],
  [{ ...outgoing, state: "ended", end }, "Call 1: They hung up. You talked for 1:15 min."],
  [{ ...outgoing, state: "ended", end: { ...end, seconds: 0 } }, "Call 1: They hung up."],
  [{ ...outgoing, name: "Ben B.", state: "established" }, "Call 1: you are talking to Ben B."],
  [
    { ...outgoing, state: "ended", end: { ...end, message: "nobody is called bob", seconds: 0 } },
    "Call 1: Nobody is called bob.",
  ],
  [
    {
      ...{ ...outgoing, state: "ended" },
      end: { by: "remote", code: "SIP_NOT_ACCEPTABLE", message: "No.", seconds: 0 },
    },
    "Call 1: No. A phone that is started with another --security may do better.",
  ],
  [
    {
      ...{ event: "bridge", call: 1, why: "they have no kind of voice in common" },
      ...{ here: "opus DTLS-SRTP", there: "PCMA RTP", video: "dropped" },
    },
    "Call 1: the server stands in between and translates (here opus DTLS-SRTP, there PCMA RTP): " +
      "They have no kind of voice in common. Behind it, nothing is encrypted. " +
      "The other phone has no picture: voice goes on.",
  ],
  [
    { event: "bridge", call: 2, why: "every call goes through this server", there: "G722 SRTP" },
    "Call 2: the server stands in between and translates (there G722 SRTP): " +
      "Every call goes through this server.",
  ],
  [{ event: "registration", state: "Listening" }, undefined],
  [{ event: "registration", state: "Registered" }, "Signed in: others can call you."],
  [{ event: "registration", state: "Connecting" }, undefined],
  [
    { event: "registration", state: "Failed", why: "The server did not accept the sign-in." },
    "You are not signed in. The server did not accept the sign-in. The password is what " +
      "CARILLON_PASSWORD says; another name is chosen with --user.",
  ],
  [
    { event: "transfer", call: 1, state: "Failed", why: "They are on another call." },
    "Call 1: it was not handed on. They are on another call.",
  ],
  [{ event: "sent", to: "sip:bob@a.example", status: 200 }, "sip:bob@a.example has got your text."],
  [
    { event: "tick", to: "sip:bob@a.example", state: "Displayed" },
    "sip:bob@a.example has read it. ✓✓",
  ],
  [
    { event: "tick", to: "sip:bob@a.example", state: "Waiting" },
    "The server does not answer. The text for sip:bob@a.example is sent as soon as it does.",
  ],
  [
    {
      ...{
        event: "statistics",
        call: 2,
        codec: "opus",
        mos: 4.21,
        lossPercent: 1.26,
        jitterMs: 3.4,
      },
      ...{ roundTripMs: 20.4, receivedKbits: 24.2, sentKbits: 23.9, encrypted: true },
    },
    "Call 2: very good (4.2 of 4.5), opus, encrypted, 1.3% lost, 3 ms of jitter, " +
      "20 ms there and back, 24 kbit/s in and 24 out",
  ],
])("%o", (what, words) => {
  expect(inWords(what)).toBe(words);
});

test("an estimate of 1 to 4.5 in a word, and time as people say it", () => {
  expect([4.4, 3.7, 3.2, 2.7, 1.5].map(quality)).toEqual([
    ...["very good", "good", "fair", "poor", "bad"],
  ]);
  expect([0.4, 59.6, 61, 3605].map(duration)).toEqual(["0 s", "1:00 min", "1:01 min", "60:05 min"]);
});
