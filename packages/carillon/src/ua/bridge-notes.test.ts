import { expect, test } from "vitest";
import { formatBridgeTold } from "../documents/bridge-told.ts";
import { BridgeNotes } from "./bridge-notes.ts";

const message = (callId: string, ...more: readonly string[]): string =>
  [
    "SIP/2.0 200 OK",
    "Via: SIP/2.0/WSS x.invalid;branch=z9hG4bK1",
    "From: <sip:alice@house.example>;tag=a",
    "To: <sip:bob@house.example>;tag=b",
    `Call-ID: ${callId}`,
    "CSeq: 1 INVITE",
    ...more,
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");

const callOf = (callId: string) => ({
  dialog: { callId, localTag: "a", remoteTag: "b", remoteTarget: "sip:bob@192.0.2.7" },
});
const told = { why: "they have nothing in common", here: "opus DTLS-SRTP", there: "PCMA RTP" };
const header = `Carillon-Bridge: ${formatBridgeTold(told)}`;

test("what a message of the call tells is known of that call, and of no other", () => {
  const notes = new BridgeNotes();
  let changes = 0;
  notes.onchange = () => void changes++;
  notes.trace({ direction: "in", octets: message("1", header) });
  expect([notes.of(callOf("1")), notes.of(callOf("2"))]).toEqual([told, undefined]);
  expect([notes.of({ dialog: undefined }), changes]).toEqual([undefined, 1]);
});

test("what is told later adds to it", () => {
  const notes = new BridgeNotes();
  notes.trace({ direction: "in", octets: message("1", 'carillon-bridge : "because"') });
  expect(notes.of(callOf("1"))).toEqual({ why: "because" });
  notes.trace({ direction: "in", octets: message("1", header) });
  const dropped = `Carillon-Bridge: ${formatBridgeTold({ why: "w", video: "dropped" })}`;
  notes.trace({ direction: "in", octets: message("1", dropped) });
  expect(notes.of(callOf("1"))).toEqual({ ...told, why: "w", video: "dropped" });
});

test("what this side sends, other messages and what cannot be read tell nothing", () => {
  const notes = new BridgeNotes();
  notes.trace({ direction: "out", octets: message("1", header) });
  notes.trace({ direction: "in", octets: message("1") });
  notes.trace({ direction: "in", octets: message("1", "Carillon-Bridge: why?") });
  notes.trace({ direction: "in", octets: `\r\n${header}` });
  expect(notes.of(callOf("1"))).toBeUndefined();
});

test("sixty-four calls are remembered", () => {
  const notes = new BridgeNotes();
  for (let i = 0; i < 65; i++) notes.trace({ direction: "in", octets: message(`${i}`, header) });
  expect([notes.of(callOf("0")), notes.of(callOf("64"))]).toEqual([undefined, told]);
});
