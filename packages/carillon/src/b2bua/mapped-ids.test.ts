import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  joinAcross,
  MappedIds,
  type NamedBy,
  type OwnDialog,
  referToAcross,
  replacesAcross,
  targetDialogAcross,
} from "./mapped-ids.ts";

/** A page calls a desk phone: the agent is callee towards the one, caller towards the other. */
const WITH_PAGE: OwnDialog = { callId: "page@call", localTag: "a", remoteTag: "page" };
const WITH_DESK: OwnDialog = { callId: "desk@call", localTag: "b", remoteTag: "desk" };

const joined = () => {
  const ids = new MappedIds();
  return { ids, part: ids.join(WITH_PAGE, WITH_DESK) };
};

describe("RFC 3891 §3: what names the agent's end of a dialog", () => {
  //= RFC 3891 §3
  //# In other words, the to-tag parameter is compared to the local tag, and the from-tag parameter
  //# is compared to the remote tag.
  test("leads to the desk phone, in the ids that the phone knows", () => {
    const { ids } = joined();
    expect(replacesAcross("page@call;to-tag=a;from-tag=page", ids.across)).toBe(
      "desk@call;to-tag=desk;from-tag=b",
    );
  });

  test("leads to the page from the other side, and says early-only as it did", () => {
    const { ids } = joined();
    expect(replacesAcross("desk@call;from-tag=desk;to-tag=b;early-only", ids.across)).toBe(
      "page@call;to-tag=page;from-tag=a;early-only",
    );
  });

  test("but a name for the page itself is the page's own, and stays", () => {
    const { ids } = joined();
    const meantForPage = "page@call;to-tag=page;from-tag=a";
    expect(replacesAcross(meantForPage, ids.across)).toBe(meantForPage);
  });

  test("and so does every dialog that is none of ours, or cannot be read", () => {
    const { ids } = joined();
    for (const other of ["x;to-tag=a;from-tag=page", "page@call;to-tag=a", "", ";;", "\xff"]) {
      expect(replacesAcross(other, ids.across)).toBe(other);
      expect(joinAcross(other, ids.across)).toBe(other);
      expect(targetDialogAcross(other, ids.across)).toBe(other);
      expect(referToAcross(other, ids.across)).toBe(other);
    }
  });

  test("it is forgotten with the call", () => {
    const { ids, part } = joined();
    part();
    expect(ids.size).toBe(0);
    const named = "page@call;to-tag=a;from-tag=page";
    expect(replacesAcross(named, ids.across)).toBe(named);
  });

  test("a call that is put through goes on with its new other side", () => {
    const { ids, part } = joined();
    const withOther: OwnDialog = { callId: "other@call", localTag: "c", remoteTag: "other" };
    ids.join(WITH_PAGE, withOther);
    part();
    expect(replacesAcross("page@call;to-tag=a;from-tag=page", ids.across)).toBe(
      "other@call;to-tag=other;from-tag=c",
    );
    const old = "desk@call;to-tag=b;from-tag=desk";
    expect(replacesAcross(old, ids.across)).toBe(old);
  });

  test("ids that both sides share need no mapping, and come out as they are", () => {
    const ids = new MappedIds();
    const one = { callId: "c", localTag: "desk", remoteTag: "page" };
    ids.join(one, { callId: "c", localTag: "page", remoteTag: "desk" });
    const named = "c;to-tag=desk;from-tag=page";
    expect(replacesAcross(named, ids.across)).toBe(named);
  });

  test("more calls than there is room for are not mapped, and take nobody else's place", () => {
    const ids = new MappedIds(2);
    ids.join(WITH_PAGE, WITH_DESK);
    const part = ids.join({ ...WITH_PAGE, callId: "late" }, { ...WITH_DESK, callId: "later" });
    expect(ids.size).toBe(2);
    part();
    expect(ids.across({ callId: "page@call", toTag: "a", fromTag: "page" })).toEqual({
      ...{ callId: "desk@call", toTag: "desk", fromTag: "b" },
    });
  });
});

test("RFC 3911 §4: a Join is mapped as a Replaces is", () => {
  const { ids } = joined();
  expect(joinAcross("page@call;to-tag=a;from-tag=page", ids.across)).toBe(
    "desk@call;to-tag=desk;from-tag=b",
  );
});

test("RFC 4538 §3: local is the tag of whoever gets a Target-Dialog", () => {
  //= RFC 4538 §3
  //# The "remote-tag" header field parameter MUST be present and MUST contain the tag that would be
  //# viewed as the remote tag from the perspective of the recipient of the new request. The
  //# "local-tag" header field parameter MUST be present and MUST contain the tag that would be
  //# viewed as the local tag from the perspective of the recipient of the new request.
  const { ids } = joined();
  expect(targetDialogAcross("page@call;local-tag=a;remote-tag=page;x=1", ids.across)).toBe(
    "desk@call;local-tag=desk;remote-tag=b;x=1",
  );
});

test("RFC 5589 §7: a Refer-To names the dialog that its target has", () => {
  const { ids } = joined();
  const referTo =
    '"Desk" <sip:desk@example.com?Replaces=page%40call%3Bto-tag%3Da%3Bfrom-tag%3Dpage' +
    "&Require=replaces&Subject=a%26b>;x=1";
  expect(referToAcross(referTo, ids.across)).toBe(
    '"Desk" <sip:desk@example.com?Replaces=desk%40call%3Bto-tag%3Ddesk%3Bfrom-tag%3Db' +
      "&Require=replaces&Subject=a%26b>;x=1",
  );
});

const token = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const dialog = fc.record({ callId: token, localTag: token, remoteTag: token });

test("there and back is where one began, for every pair of dialogs", () => {
  fc.assert(
    fc.property(dialog, dialog, (one, other) => {
      const ids = new MappedIds();
      ids.join(one, other);
      const ours: NamedBy = { callId: one.callId, toTag: one.localTag, fromTag: one.remoteTag };
      const far = ids.across(ours);
      expect(far).toBeDefined();
      if (!far) return;
      // Whoever is at the far end names the agent by the same tags, the other way round.
      const back = ids.across({ callId: far.callId, toTag: far.fromTag, fromTag: far.toTag });
      expect(back).toEqual({ callId: one.callId, toTag: one.remoteTag, fromTag: one.localTag });
    }),
  );
});

test("no text makes it throw, and none grows by more than the ids do", () => {
  const { ids } = joined();
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      for (const across of [replacesAcross, joinAcross, targetDialogAcross, referToAcross]) {
        expect(across(text, ids.across)).toBe(text);
      }
    }),
  );
});
