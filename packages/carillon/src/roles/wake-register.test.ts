import { describe, expect, test } from "vitest";
import { elements, header } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { DomainStage } from "../testing/domain-stage.ts";
import type { Wake } from "./wake.ts";

const PHONE = "203.0.113.9:5062";

const WAKE: Wake = {
  services: () => [{ provider: "webpush", vapid: "BKey" }, { provider: "fcm" }],
  canWake: ({ provider, prid }) => provider !== "webpush" || prid.startsWith("https:"),
  wake: () => ({ kind: "Sent" }),
};

/** The answer to a REGISTER of Bob's with this Contact. */
function registered(contact: string, wake: Wake | undefined = WAKE, more: readonly string[] = []) {
  return answered(new DomainStage({ wake }), contact, more);
}

function answered(stage: DomainStage, contact: string, more: readonly string[] = []): Response {
  const [sent] = stage.register("bob", PHONE, { lines: [`Contact: ${contact}`, ...more] });
  if (sent?.message.kind !== "Response") throw new Error("no answer");
  return sent.message;
}

const caps = (response: Response): readonly string[] => {
  const all = elements(response, "Feature-Caps");
  // Another PURR each time.
  return all.ok ? all.value.map((one) => one.replace(/pnspurr="[\w-]{60,}"/, "pnspurr")) : [];
};

describe("RFC 8599 §5.6.1: a REGISTER", () => {
  //= RFC 8599 §5.6.1.1
  //# If the proxy supports the VAPID mechanism [RFC8292], the proxy MUST indicate support of the
  //# mechanism, using the 'sip.vapid' feature-capability indicator, in the REGISTER response.
  //= RFC 8599 §5.4
  //# A feature-capability indicator that indicates support of an additional feature associated with
  //# a given type of PNS MUST be inserted in the same Feature-Caps header field that is used to
  //# indicate support of the type of PNS.
  //= RFC 8599 §5.6.1.1
  //# The proxy MUST indicate support of the same type of PNS in the REGISTER response.
  test("of a phone with a push service that is there hears so, with our key", () => {
    const uri = "sip:bob@phone.invalid;pn-provider=webpush;pn-prid=https%3A%2F%2Fp.example%2F1";
    const response = registered(`<${uri}>`);
    expect(response.status).toBe(200);
    expect(caps(response)).toEqual(['*;+sip.pns="webpush";+sip.vapid="BKey";+sip.pnspurr']);
    expect(header(response, "Contact")).toContain(uri);
  });

  //= RFC 8599 §5.6.1.1
  //# If the proxy received a 'sip.pnsreg' media feature tag in the REGISTER request, the proxy
  //# SHOULD insert a 'sip.pnsreg' feature-capability indicator with an indicator value bigger than
  //# 120 in the response
  //= RFC 8599 §5.4
  //# These feature-capability indicators MUST only be inserted in a Feature-Caps header field that
  //# also contains a 'sip.pns' feature-capability indicator.
  test("of one that wakes by itself hears how long before the end it has to", () => {
    const response = registered("<sip:bob@h;pn-provider=fcm;pn-prid=t>;+sip.pnsreg");
    expect(caps(response)).toEqual(['*;+sip.pns="fcm";+sip.pnsreg="130";+sip.pnspurr']);
  });

  //= RFC 8599 §5.6.1.2
  //# When a proxy receives a REGISTER request, and the 'pn-provider' SIP URI parameter does not
  //# contain a parameter value, the proxy MUST indicate support of each type of PNS supported by
  //# the proxy before it forwards the request towards the registrar.
  //= RFC 8599 §5.4
  //# A proxy MUST use a separate Feature-Cap header field for each supported type of PNS.
  //= RFC 8599 §5.6.1.2
  //# In addition, if the proxy supports the VAPID mechanism for one or more types of PNSs, the
  //# proxy MUST indicate support of the mechanism for those PNSs in the response.
  test("that asks which there are hears of all, each in a header of its own", () => {
    const response = registered("<sip:bob@h;pn-provider>");
    expect(caps(response)).toEqual(['*;+sip.pns="webpush";+sip.vapid="BKey"', '*;+sip.pns="fcm"']);
    expect(response.text.match(/^Feature-Caps:/gm)).toHaveLength(2);
  });

  //= RFC 8599 §5.6.1.2
  //# The proxy MUST NOT send a SIP 555 (Push Notification Service Not Supported) response unless it
  //# knows (by means of local configuration) that no other proxy supports any of the types of PNSs
  //# supported by the UA.
  //= RFC 8599 §5.6.1.2
  //# If the proxy does not support the type of PNS supported by the UA, and if the REGISTER request
  //# does not contain Feature-Caps header fields indicating support of one or more types of PNSs,
  //# the proxy MUST either forward the request towards the registrar or send a SIP 555 (Push
  //# Notification Service Not Supported) response towards the UA.
  test.each([
    ["<sip:bob@h;pn-provider=acme>", WAKE],
    ["<sip:bob@h;pn-provider>", undefined],
  ])("that asks for one that is not there is told so: %s", (contact, wake) => {
    const response = answered(new DomainStage(wake ? { wake } : {}), contact);
    expect(response.status).toBe(555);
  });

  //= RFC 8599 §5.6.1.1
  //# If the proxy does not support the type of PNS supported by the UA, or if the REGISTER request
  //# does not contain all information required for the type of PNS, the proxy SHOULD forward the
  //# request towards the registrar and skip the rest of the procedures in this section.
  test.each([
    "<sip:bob@h;pn-provider=acme;pn-prid=t>",
    "<sip:bob@h;pn-provider=webpush;pn-prid=nonsense>",
  ])("of a phone that cannot be woken here registers it, and promises nothing: %s", (contact) => {
    const response = registered(contact);
    expect([response.status, caps(response)]).toEqual([200, []]);
  });

  //= RFC 8599 §5.6.1.1
  //# A binding expiration interval MUST be considered too short if the binding would expire before
  //# the proxy can request that a push notification be sent to the UA to trigger the UA to send a
  //# binding-refresh REGISTER request.
  //= RFC 8599 §5.6.1.1
  //# If the proxy supports the type of PNS supported by the UA, but considers the requested binding
  //# expiration interval [RFC3261] to be too short (see below), the proxy MUST either send a 423
  //# (Interval Too Brief) response to the REGISTER request or forward the request towards the
  //# registrar and skip the rest of the procedures in this section.
  test("for too short a time to be woken in is told how long it takes", () => {
    const response = registered("<sip:bob@h;pn-provider=fcm;pn-prid=t>;expires=120");
    expect([response.status, header(response, "Min-Expires")]).toEqual([423, "180"]);
  });

  //= RFC 8599 §5.6.1.1
  //# In such case, the proxy MUST skip the rest of the procedures in this section and process the
  //# REGISTER request using normal SIP procedures.
  test("of which another proxy takes care is none of ours", () => {
    const other = ['Feature-Caps: *;+sip.pns="fcm"'];
    const response = registered("<sip:bob@h;pn-provider=fcm;pn-prid=t>;expires=120", WAKE, other);
    expect([response.status, caps(response)]).toEqual([200, []]);
  });

  //= RFC 8599 §5.6.1
  //# In other cases, the proxy MUST skip the procedures in this section and process the REGISTER
  //# request using normal SIP procedures.
  test("without a word of push services is answered as ever", () => {
    expect(caps(registered("<sip:bob@h>"))).toEqual([]);
  });
});
