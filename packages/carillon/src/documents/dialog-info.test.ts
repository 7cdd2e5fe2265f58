import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DialogInfo,
  type DialogState,
  formatDialogInfo,
  mergeDialogInfo,
  parseDialogInfo,
} from "./dialog-info.ts";

/** The example of RFC 4235 §4.2, with the entity that its schema asks for. */
const EXAMPLE = `<?xml version="1.0" encoding="UTF-8"?>
   <dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xsi:schemaLocation="urn:ietf:params:xml:ns:dialog-info"
     version="1" state="full" entity="sip:alice@example.com">
     <dialog id="123456">
        <state>confirmed</state>
        <duration>274</duration>
        <local>
          <identity display="Alice">sip:alice@example.com</identity>
          <target uri="sip:alice@pc33.example.com">
            <param pname="isfocus" pval="true"/>
            <param pname="class" pval="personal"/>
          </target>
        </local>
        <remote>
          <identity display="Bob">sip:bob@example.org</identity>
          <target uri="sip:bobster@phone21.example.org"/>
        </remote>
     </dialog>
   </dialog-info>`;

const read = (text: string): DialogInfo => {
  const info = parseDialogInfo(text);
  if (!info.ok) throw new Error(info.error.message);
  return info.value;
};

const info = (
  version: number,
  state: "full" | "partial",
  ...dialogs: DialogState[]
): DialogInfo => ({
  ...{ version, state, entity: "sip:a@b", dialogs },
});

describe("dialogs of somebody", () => {
  test("RFC 4235 §4.2 are read with both sides", () => {
    expect(read(EXAMPLE)).toMatchObject({
      ...{ version: 1, state: "full", entity: "sip:alice@example.com" },
      dialogs: [
        {
          ...{ id: "123456", state: "confirmed", durationSeconds: 274 },
          local: { identity: "sip:alice@example.com", displayName: "Alice" },
          remote: { target: "sip:bobster@phone21.example.org" },
        },
      ],
    });
  });

  test("RFC 4235 §4.1.2 say why one ended", () => {
    const text = EXAMPLE.replace(
      "<state>confirmed</state>",
      '<state event="rejected" code="486">terminated</state>',
    );
    expect(read(text).dialogs[0]).toMatchObject({ event: "rejected", code: 486 });
  });

  test("RFC 4235 §4.1 have a version and a state", () => {
    for (const spoiled of [
      EXAMPLE.replace('version="1"', ""),
      EXAMPLE.replace('version="1"', 'version="4294967296"'),
      EXAMPLE.replace('state="full"', 'state="some"'),
      EXAMPLE.replaceAll("dialog-info", "dialog"),
    ]) {
      expect(parseDialogInfo(spoiled).ok).toBe(false);
    }
    // One that is nothing is no reason to lose the others.
    expect(read(EXAMPLE.replace("confirmed", "confused")).dialogs).toEqual([]);
  });
});

describe("RFC 4235 §4.3 one view of all dialogs", () => {
  const [ringing, talking] = [
    { id: "1", state: "early", remote: { identity: "sip:bob@b" } },
    { id: "1", state: "confirmed" },
  ] as const;

  test("begins with the first document, and asks for the rest if it was a part", () => {
    expect(mergeDialogInfo(undefined, info(5, "full", ringing))).toMatchObject({ isTorn: false });
    expect(mergeDialogInfo(undefined, info(5, "partial", ringing))).toMatchObject({
      ...{ kind: "New", isTorn: true },
      value: { version: 5, dialogs: [ringing] },
    });
  });

  test("takes in what has changed, and remembers who it is with", () => {
    const merged = mergeDialogInfo(info(0, "full", ringing), info(1, "partial", talking));
    //= RFC 4235 §4.1.6.1
    //# To avoid repeating identity information in each request, the subscriber can assume that the
    //# identity URIs are the same as in previous notifications if no identity elements are present
    //# in the corresponding local or remote element.
    expect(merged).toMatchObject({
      ...{ kind: "New", isTorn: false },
      value: { version: 1, dialogs: [{ state: "confirmed", remote: { identity: "sip:bob@b" } }] },
    });
  });

  test("keeps what ended until something follows it", () => {
    const over: DialogState = { id: "1", state: "terminated" };
    const first = mergeDialogInfo(info(0, "full", talking), info(1, "partial", over));
    expect(first).toMatchObject({ value: { dialogs: [{ state: "terminated" }] } });
    const known = first.kind === "New" ? first.value : undefined;
    const next = mergeDialogInfo(known, info(2, "partial", { id: "2", state: "trying" }));
    expect(next).toMatchObject({ value: { dialogs: [{ id: "2" }] } });
  });

  test("is not changed by what is older, and is torn where something is missing", () => {
    const known = info(7, "full", talking);
    //= RFC 4235 §4.3
    //# If the value in the document is less than the local version, the document is discarded
    //# without processing.
    expect(mergeDialogInfo(known, info(6, "full"))).toEqual({ kind: "Old" });
    expect(mergeDialogInfo(known, info(7, "partial"))).toEqual({ kind: "Old" });
    expect(mergeDialogInfo(known, info(9, "partial"))).toMatchObject({ isTorn: true });
    expect(mergeDialogInfo(known, info(9, "full"))).toEqual({
      ...{ kind: "New", isTorn: false },
      value: info(9, "full"),
    });
  });

  test("does not grow without end", () => {
    let known: DialogInfo | undefined = info(0, "full");
    for (let i = 1; i < 1100; i++) {
      const merged = mergeDialogInfo(known, info(i, "partial", { id: `${i}`, state: "early" }));
      known = merged.kind === "New" ? merged.value : known;
    }
    expect(known.dialogs).toHaveLength(1000);
  });
});

test("RFC 4235 §4.4 what is written is read as what it was", () => {
  const word = fc.stringMatching(/^[a-z<&"'>]{1,8}$/);
  const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const party = fc
    .record({ identity: maybe(word), displayName: maybe(word), target: maybe(word) })
    .map((one) => (one.identity === undefined ? { ...one, displayName: undefined } : one));
  const dialog: fc.Arbitrary<DialogState> = fc.record({
    ...{ id: word, callId: maybe(word), localTag: maybe(word), remoteTag: maybe(word) },
    direction: fc.constantFrom("initiator" as const, "recipient" as const, undefined),
    state: fc.constantFrom("trying" as const, "early" as const, "terminated" as const),
    ...{ event: maybe(word), code: maybe(fc.integer({ min: 100, max: 699 })) },
    durationSeconds: maybe(fc.nat()),
    ...{ local: maybe(party), remote: maybe(party) },
  });
  const whole = fc.record({
    ...{ version: fc.nat(), state: fc.constantFrom("full" as const, "partial" as const) },
    ...{ entity: word, dialogs: fc.array(dialog, { maxLength: 3 }) },
  });
  fc.assert(
    fc.property(whole, (one) => {
      const again = parseDialogInfo(formatDialogInfo(one));
      expect(again.ok && again.value).toEqual(one);
    }),
  );
});
