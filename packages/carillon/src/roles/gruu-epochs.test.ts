import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { Gruus } from "./gruu.ts";
import { withEpochs } from "./gruu-epochs.ts";
import { boundTo } from "./gruu-targets.ts";
import type { Binding } from "./location.ts";

const crypto = portableCrypto(seededBytes(seeded(5)));
const gruus = new Gruus({ crypto, key: new Uint8Array(32), domain: "house.example" });
const A = "<urn:uuid:a>";
const B = "<urn:uuid:b>";

const flow: Flow = {
  ...{ transport: "UDP", connection: 0 },
  ...{ local: { host: "192.0.2.1", port: 5060 }, remote: { host: "192.0.2.9", port: 5060 } },
};
let count = 0;

/** Another registration of this device. */
const bound = (instance: string, callId: string, more: Partial<Binding> = {}): Binding => ({
  ...{ contact: `sip:a@192.0.2.${++count}`, q: 1000, callId, cseq: count, expiresAt: 1e9, flow },
  ...{ instance, ...more },
});

const after = (before: readonly Binding[], ...added: Binding[]): readonly Binding[] => {
  const replaced = (one: Binding) =>
    added.some(({ instance, regId, contact }) =>
      regId === undefined
        ? contact === one.contact
        : instance === one.instance && regId === one.regId,
    );
  const all = [...before.filter((one) => !replaced(one)), ...added];
  return withEpochs(before, all, () => gruus.newEpoch());
};
const tempOf = (bindings: readonly Binding[], instance: string) => {
  const { epoch = "" } = bindings.findLast((one) => one.instance === instance) ?? {};
  return gruus.temp("anna", epoch, false) ?? "";
};
const read = (gruu: string, bindings: readonly Binding[]) => {
  const uri = parseSipUri(gruu);
  if (!uri.ok) throw new Error(gruu);
  return boundTo(gruus, uri.value, bindings);
};
/** The contacts that a GRUU leads to, or the status of the refusal. */
const leads = (gruu: string, bindings: readonly Binding[]) => {
  const result = read(gruu, bindings);
  return result.ok ? result.value.map(({ contact }) => contact) : result.error.status;
};

describe("RFC 5627 §5.1, §5.3: temporary GRUUs", () => {
  //= RFC 5627 §5.4
  //# Once a temporary GRUU is constructed, it MUST be considered valid by the registrar until
  //# invalidated based on the rules described previously.
  test("§3.1.2 accumulate as long as the registration is refreshed with its Call-ID", () => {
    const first = after([], bound(A, "one"));
    const gruu = tempOf(first, A);
    const second = after(first, bound(A, "one"));
    expect(leads(gruu, second)).toEqual(second.map(({ contact }) => contact));
    expect(leads(tempOf(second, A), second)).toHaveLength(2);
  });

  test("§5.1 are over when the device registers with another Call-ID, all of them", () => {
    //= RFC 5627 §5.1
    //# If it differs from the one in the REGISTER request, the registrar MUST invalidate all
    //# previously generated temporary GRUUs for the AOR and instance ID.
    //= RFC 5627 §5.1
    //# A consequence of this invalidation is that requests addressed to those GRUUs will be
    //# rejected by the domain with a 404 from this point forward.
    const first = after([], bound(A, "one"), bound(B, "b"));
    const [gruu, others] = [tempOf(first, A), tempOf(first, B)];
    // It crashed: its older contact is still there, and is what the new GRUU leads to as well.
    const second = after(first, bound(A, "two"));
    expect(leads(gruu, second)).toBe(404);
    expect(leads(tempOf(second, A), second)).toHaveLength(2);
    expect(leads(others, second), "of another device they stay").toHaveLength(1);
  });

  test("§4.2 last as long as one of several flows does, each with a Call-ID of its own", () => {
    const first = after([], bound(A, "one", { regId: 1 }));
    const gruu = tempOf(first, A);
    const both = after(first, bound(A, "two", { regId: 2 }));
    const second = tempOf(both, A);
    const left = both.filter(({ regId }) => regId === 2);
    for (const one of [gruu, second]) expect(leads(one, left)).toHaveLength(1);
    const again = after(left, bound(A, "two", { regId: 2 }));
    expect(leads(gruu, again)).toHaveLength(1);
  });

  test("§4.1 are over for all flows when one of them changes its Call-ID", () => {
    //= RFC 5627 §4.1
    //# If the Call-ID changes for the registration refresh for a particular reg-id, the server will
    //# invalidate all temporary GRUUs associated with that UA instance as a whole.
    const one = after([], bound(A, "one", { regId: 1 }));
    const both = after(one, bound(A, "two", { regId: 2 }));
    const gruu = tempOf(both, A);
    const changed = after(both, bound(A, "three", { regId: 1 }));
    expect(leads(gruu, changed)).toBe(404);
    expect(leads(tempOf(changed, A), changed)).toHaveLength(2);
  });

  test("§5.3 are over when the last contact is gone, and do not come back with the next", () => {
    //= RFC 5627 §5.3
    //# If, as a consequence of the expiration of the contact, a particular GRUU no longer has any
    //# registered contacts bound to it, and the GRUU is a temporary GRUU, the GRUU MUST be
    //# invalidated.
    const gruu = tempOf(after([], bound(A, "one")), A);
    expect(leads(gruu, [])).toBe(404);
    expect(leads(gruu, after([], bound(A, "one")))).toBe(404);
  });

  test("are nobody's where a device has no name", () => {
    const { instance: _, ...nameless } = bound(A, "one");
    const all = after([], nameless);
    expect(all).toEqual([nameless]);
  });
});

describe("RFC 5627 §6.1: a request to a GRUU", () => {
  test("§5.4 goes to the contacts of that device alone", () => {
    //= RFC 5627 §5.4
    //# While the AOR resolves to all registered contacts for an AOR, a GRUU resolves only to those
    //# contacts whose instance ID matches the one associated with the GRUU.
    const all = after([], bound(A, "one"), bound(B, "b"), bound(A, "one"));
    const [one, other, again] = all.map(({ contact }) => contact);
    expect(leads(gruus.pub("anna", A, false) ?? "", all)).toEqual([one, again]);
    expect(leads("sip:anna@house.example;gr=URN:UUID:B", all)).toEqual([other]);
    expect(leads("sip:anna@house.example", all)).toEqual([one, other, again]);
  });

  test("§6.1 finds a device that is not there now with 480, and what is none with 404", () => {
    //= RFC 5627 §6.1
    //# If there are no registered contacts bound to the GRUU, the server MUST return a 480
    //# (Temporarily Unavailable) response.
    //= RFC 5627 §6.1
    //# If it contains the "gr" URI parameter but is not equivalent, based on URI comparison, to a
    //# currently valid GRUU within the domain, it SHOULD be rejected with a 404 (Not Found)
    //# response
    const all = after([], bound(B, "b"));
    expect(leads(gruus.pub("anna", A, false) ?? "", all)).toBe(480);
    for (const nonsense of ["sip:anna@house.example;gr", "sip:tgruu.x@house.example;gr"]) {
      expect(leads(nonsense, all)).toBe(404);
    }
  });
});
