import fc from "fast-check";
import { expect, test } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import { composeRequest, composeResponse, type HeaderField } from "../message/compose.ts";
import { readEssentials } from "../message/essentials.ts";
import {
  addressRequest,
  advanced,
  dialogId,
  receiveRequest,
  receiveSuccess,
  uasDialog,
} from "./dialog.ts";

const common = (method: string, seq: number): HeaderField[] => [
  ["Via", "SIP/2.0/UDP a.example;branch=z9hG4bK1"],
  ["From", "<sip:alice@a.example>;tag=a1"],
  ["To", "<sip:bob@b.example>"],
  ["Call-ID", "c@a.example"],
  ["CSeq", `${seq} ${method}`],
];

const request = (method: string, seq: number, headers: readonly HeaderField[]) =>
  composeRequest(method, "sip:bob@b.example", [...common(method, seq), ...headers]);

const success = (method: string, seq: number, headers: readonly HeaderField[]) =>
  composeResponse(200, [...common(method, seq), ...headers]);

function dialogOf(status: number) {
  const invite = request("INVITE", 314, [["Contact", "<sip:there@192.0.2.9>"]]);
  const essentials = readEssentials(invite);
  const dialog = essentials.ok ? uasDialog(invite, essentials.value, "b1", status) : undefined;
  if (!dialog) throw new Error("there is no dialog");
  return dialog;
}

const event = fc.record({
  kind: fc.constantFrom("Request", "Success"),
  method: fc.constantFrom("INVITE", "UPDATE", "INFO", "BYE", "PRACK"),
  seq: fc.nat(1000),
  headers: fc.subarray<HeaderField>([
    ["Contact", "<sip:new@192.0.2.1>"],
    ["Contact", "*"],
    ["Contact", "<sip:x"],
    ["Record-Route", "<sip:y;lr>"],
    ["Record-Route", "two words"],
  ]),
});

test("RFC 3261 §12.2: whatever is said in it, it stays the same dialog and counts up only", () => {
  fc.assert(
    fc.property(fc.constantFrom(180, 200), fc.array(event), (status, events) => {
      const first = dialogOf(status);
      let dialog = first;
      for (const { kind, method, seq, headers } of events) {
        const isTheirs = kind === "Request";
        const next = isTheirs
          ? receiveRequest(dialog, request(method, seq, headers), seq)
          : receiveSuccess(advanced(dialog), success(method, seq, headers), method);
        if (next === undefined) {
          expect(seq).toBeLessThan(dialog.remoteSeq ?? 0);
          continue;
        }
        expect(next.localSeq).toBe(dialog.localSeq + (isTheirs ? 0 : 1));
        expect(next.remoteSeq).toBe(isTheirs ? seq : dialog.remoteSeq);
        expect(next.remoteSeq).toBeGreaterThanOrEqual(dialog.remoteSeq ?? 0);
        expect(dialogId(next)).toBe(dialogId(first));
        expect(dialog.state === "Confirmed" && next.state === "Early").toBe(false);
        expect(targetOf(next)).toMatch(/^sip:(?:there|new)@/);
        dialog = next;
      }
    }),
  );
});

/** A BYE is addressed, whatever was said; where it goes in the end. */
function targetOf(dialog: Parameters<typeof addressRequest>[0]): Octets {
  const { uri, headers } = addressRequest(dialog, "BYE", dialog.localSeq + 1);
  expect(headers).toContainEqual(["From", "<sip:bob@b.example>;tag=b1"]);
  return uri;
}
