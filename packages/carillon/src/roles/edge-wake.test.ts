/** RFC 8599 at an edge, whose registrar is another server: its phones are woken here. */
import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { answer, titleOf } from "../testing/domain-stage.ts";
import {
  CONTACT,
  caps,
  edgeStage,
  granted,
  HOME,
  inviting,
  later,
  lines,
  only,
  PHONE,
  registered,
  registering,
  type Stage,
  titles,
  WAKING,
} from "../testing/edge-wake-stage.ts";
import { MAX_HELD_PER_ACCOUNT } from "./wake-bucket.ts";

describe("RFC 8599 §5.6.1.1: a REGISTER of a phone that can be woken here", () => {
  //= RFC 8599 §5.6.1.1
  //# If the proxy supports the type of PNS supported by the UA, the proxy MUST indicate support of
  //# that type of PNS (Section 5.4) in the REGISTER request before it forwards the request towards
  //# the registrar.
  //= RFC 8599 §5.6.1.1
  //# The proxy MUST indicate support of the same type of PNS in the REGISTER response.
  //= RFC 8599 §6.2.1
  //# Whenever the proxy receives a 2xx response to a REGISTER request, the proxy MUST insert a
  //# 'sip.pnspurr' feature-capability indicator with the latest PURR value (see above) in the
  //# response.
  test("says so to the registrar, and its 2xx to the phone, with a PURR", () => {
    const { sent, said } = registered(edgeStage());
    expect(caps(sent)).toEqual(['*;+sip.pns="fcm"']);
    expect(caps(only(said, "200 REGISTER"))).toEqual(['*;+sip.pns="fcm";+sip.pnspurr']);
  });

  //= RFC 8599 §6.2.1
  //# In order to prevent client fingerprinting, the proxy MUST periodically generate a new PURR
  //# value (even if 'pn-*'parameters did not change).
  test("gets another PURR each time", () => {
    const scene = edgeStage();
    const all = [1, 2, 3].map(() =>
      header(registered(scene).said[0]?.message as never, "Feature-Caps"),
    );
    expect(new Set(all).size).toBe(3);
  });

  //= RFC 8599 §5.6.1.1
  //# In such case, the proxy MUST skip the rest of the procedures in this section and process the
  //# REGISTER request using normal SIP procedures.
  test("whom another proxy wakes goes through as it is, and is not woken here", () => {
    const scene = edgeStage();
    const other = 'Feature-Caps: *;+sip.pns="fcm"';
    const sent = only(scene.stage.say(PHONE, registering([other])), "REGISTER");
    expect(caps(sent)).toEqual(['*;+sip.pns="fcm"']);
    expect(caps(only(scene.stage.say(HOME, granted(sent)), "200 REGISTER"))).toEqual([]);
  });

  //= RFC 8599 §5.6.1.1
  //# If the proxy does not support the type of PNS supported by the UA, or if the REGISTER request
  //# does not contain all information required for the type of PNS, the proxy SHOULD forward the
  //# request towards the registrar and skip the rest of the procedures in this section.
  test("by a service that is not here, or with too little said, goes through as it is", () => {
    for (const push of ["pn-provider=acme;pn-prid=1", "pn-provider=fcm;pn-prid=1"]) {
      const contact = `Contact: <sip:bob@192.168.0.2:5062;${push}>`;
      const { stage } = edgeStage({ isLastToWake: true });
      const sent = only(stage.say(PHONE, registering([], contact)), "REGISTER");
      expect(caps(sent)).toEqual([]);
      expect(caps(only(stage.say(HOME, granted(sent, contact)), "200 REGISTER"))).toEqual([]);
    }
  });

  //= RFC 8599 §5.6.1.1
  //# If the proxy supports the type of PNS supported by the UA, but considers the requested binding
  //# expiration interval [RFC3261] to be too short (see below), the proxy MUST either send a 423
  //# (Interval Too Brief) response to the REGISTER request or forward the request towards the
  //# registrar and skip the rest of the procedures in this section.
  test("for too short a time hears 423", () => {
    const { stage } = edgeStage();
    const sent = stage.say(PHONE, registering([], `${CONTACT};expires=100`));
    expect(titles(sent)).toEqual(["423 REGISTER"]);
    expect(header(only(sent, "423 REGISTER").message, "Min-Expires")).toBe("180");
  });

  //= RFC 8599 §5.6.1.1
  //# If the proxy considers the binding expiration interval indicated by the registrar too short
  //# (see above), the proxy forwards the response towards the UA and MUST skip the rest of the
  //# procedures in this section.
  test("that is granted for too short a time hears nothing of being woken", () => {
    const { said } = registered(edgeStage(), PHONE, 60);
    expect(caps(only(said, "200 REGISTER"))).toEqual([]);
  });
});

describe("RFC 8599 §5.6.1.2: who asks which services there are", () => {
  const asking = (provider: string) => `Contact: <sip:bob@192.168.0.2:5062;${provider}>;expires=0`;
  const asked = ({ stage }: Stage, provider: string, more: readonly string[] = []) =>
    stage.say(PHONE, registering(more, asking(provider)));

  //= RFC 8599 §5.6.1.1
  //# The proxy MUST determine whether the PNS provider supports the VAPID mechanism before it
  //# indicates support of it.
  //= RFC 8599 §5.6.1.2
  //# When a proxy receives a REGISTER request, and the 'pn-provider' SIP URI parameter does not
  //# contain a parameter value, the proxy MUST indicate support of each type of PNS supported by
  //# the proxy before it forwards the request towards the registrar.
  //= RFC 8599 §5.6.1.2
  //# When a proxy receives a 2xx response to the REGISTER request, if the proxy had indicated
  //# support of one or more types of PNSs in the REGISTER request (see above), the proxy MUST
  //# indicate support of the same set of types of PNSs in the response.
  test("hears all of them, and the registrar, too", () => {
    const scene = edgeStage();
    const sent = only(asked(scene, "pn-provider"), "REGISTER");
    expect(caps(sent)).toEqual(['*;+sip.pns="fcm"', '*;+sip.pns="webpush"']);
    const [said] = scene.stage.say(HOME, answer(sent.octets, 200, "t"));
    expect(said && caps(said)).toEqual([
      '*;+sip.pns="fcm"',
      '*;+sip.pns="webpush";+sip.vapid="BKey"',
    ]);
  });

  //= RFC 8599 §5.6.1.2
  //# When a proxy receives a REGISTER request that contains a 'pn-provider' SIP URI parameter
  //# indicating the type of PNS supported by the UA, the proxy MUST perform the following actions:
  //= RFC 8599 §5.6.1.2
  //# If the proxy supports the type of PNS supported by the UA, the proxy MUST indicate support of
  //# that type of PNS (Section 5.4) in the REGISTER request before it forwards the request towards
  //# the registrar.
  test("for one beside what another proxy has hears of it, too", () => {
    const other = 'Feature-Caps: *;+sip.pns="acme"';
    const sent = only(asked(edgeStage(), "pn-provider=webpush", [other]), "REGISTER");
    expect(caps(sent)).toContain('*;+sip.pns="webpush"');
  });

  //= RFC 8599 §5.6.1.2
  //# The proxy MUST NOT send a SIP 555 (Push Notification Service Not Supported) response unless it
  //# knows (by means of local configuration) that no other proxy supports any of the types of PNSs
  //# supported by the UA.
  test("for one that nobody has hears 555, where the operator says that nobody can have it", () => {
    expect(titles(asked(edgeStage(), "pn-provider=acme"))).toEqual(["REGISTER"]);
    const last = edgeStage({ isLastToWake: true });
    expect(titles(asked(last, "pn-provider=acme"))).toEqual(["555 REGISTER"]);
    const other = 'Feature-Caps: *;+sip.pns="acme"';
    const sent = asked(edgeStage({ isLastToWake: true }), "pn-provider=acme", [other]);
    expect(titles(sent)).toEqual(["REGISTER"]);
  });
});

describe("RFC 8599 §5.6.2: what is for a phone that sleeps behind an edge", () => {
  //= RFC 8599 §5.6.2
  //# When the proxy receives a SIP request for a new dialog (e.g., a SIP INVITE request) or a
  //# standalone SIP request (e.g., a SIP MESSAGE request) addressed towards a SIP UA, if the
  //# Request-URI of the request contains a 'pn-provider', a 'pn-prid', and a 'pn-param' (if
  //# required for the specific PNS provider) SIP URI parameter, the proxy requests that a push
  //# notification be sent to the UA using the information in the 'pn-*' SIP URI parameters.
  //= RFC 8599 §5.6.2
  //# If there is a match, the proxy MUST remove the SIP request from the bucket and forward it
  //# towards the UA.
  //= RFC 8599 §6.2.2
  //# When the proxy receives an initial request for a dialog addressed towards the UA, and the
  //# proxy has generated a PURR value associated with the 'pn-*' parameters inserted in the SIP URI
  //# of the request (Section 6.2.2), the proxy MUST add a Record-Route header to the request to
  //# insert itself in the dialog route [RFC3261] before forwarding the request.
  test("waits for its 2xx to a REGISTER, and goes to where that came from, and we stay in", () => {
    const scene = edgeStage();
    const { path } = registered(scene);
    later(scene);
    const held = scene.stage.say(HOME, inviting(path));
    expect(lines(held)).toEqual([`SIP/2.0 ${WAKING}`]);
    expect(scene.wake.asked).toMatchObject([
      { push: { provider: "fcm", prid: "t0ken" }, why: { kind: "Request", method: "INVITE" } },
    ]);
    const moved = "203.0.113.77:40000";
    const sent = only(scene.stage.say(moved, registering()), "REGISTER");
    expect(scene.stage.wait(1000).filter((one) => titleOf(one) === "INVITE")).toEqual([]);
    const went = scene.stage.say(HOME, granted(sent));
    const invite = only(went, "INVITE");
    expect([invite.to, only(went, "200 REGISTER").to]).toEqual([moved, moved]);
    expect(headerLines(invite.message, "Record-Route")[0]).toContain("sip:n1!");
    const [said] = scene.stage.say(moved, answer(invite.octets, 200, "b", [CONTACT]));
    expect([said?.to, said && titleOf(said)]).toEqual([HOME, "200 INVITE"]);
  });

  test("whose connection is gone is woken in place of 430", () => {
    const scene = edgeStage();
    const connection = scene.stage.connect();
    const { path } = registered(scene, connection);
    scene.stage.close(connection);
    expect(lines(scene.stage.say(HOME, inviting(path)))).toContain(`SIP/2.0 ${WAKING}`);
    const back = scene.stage.connect();
    const { said } = registered(scene, back);
    expect(only(said, "INVITE").to).toBe(back);
  });

  test("after a restart is woken by what its Request-URI says", () => {
    const { path } = registered(edgeStage());
    const scene = edgeStage({}, { seed: 2 });
    scene.stage.say(HOME, inviting(path));
    expect(scene.wake.kinds).toEqual(["Request"]);
    expect(only(registered(scene).said, "INVITE").to).toBe(PHONE);
  });

  //= RFC 8599 §5.6.2
  //# If the proxy has knowledge that the UA is awake, and that the UA is able to receive the SIP
  //# request without first sending a binding-refresh REGISTER request, the proxy does not need to
  //# request that a push notification be sent to the UA (the UA will not send a binding-refresh
  //# REGISTER request) before it forwards the SIP request towards the UA.
  test("that has just registered goes there at once, and wakes it where that is silent", () => {
    const scene = edgeStage();
    const { path } = registered(scene);
    expect(titles(scene.stage.say(HOME, inviting(path)))).toEqual(["INVITE"]);
    expect(scene.wake.asked).toEqual([]);
    expect(lines(scene.stage.wait(2100))).toContain(`SIP/2.0 ${WAKING}`);
    expect(scene.wake.kinds).toEqual(["Request"]);
  });

  //= RFC 8599 §5.6.2
  //# the proxy MUST remove the SIP request from the SIP Request Push Bucket (Section 5.2) and send
  //# a 480 (Temporarily Unavailable) response.
  test("and does not wake is 480 in time", () => {
    const scene = edgeStage();
    const { path } = registered(scene);
    later(scene);
    scene.stage.say(HOME, inviting(path));
    expect(titles(scene.stage.wait(29_000))).toEqual([]);
    expect(titles(scene.stage.wait(2000))).toContain("480 INVITE");
    // Nobody else may be refused later than its sender waits.
    scene.stage.say(HOME, inviting(path).replaceAll("INVITE", "MESSAGE"));
    expect(titles(scene.stage.wait(16_000))).toContain("480 MESSAGE");
  });

  //= RFC 8599 §5.6.2
  //# If the push notification request fails (see PNS-specific documentation for details), the proxy
  //# MUST remove the SIP request from the bucket and send an error response to the SIP request.
  test("and cannot be woken is 480 at once", () => {
    const scene = edgeStage();
    const { path } = registered(scene);
    later(scene);
    scene.wake.answer = { kind: "Failed", why: "no such token", isGone: true };
    expect(titles(scene.stage.say(HOME, inviting(path)))).toContain("480 INVITE");
  });

  //= RFC 8599 §5.6.2
  //# If there is a match, the proxy SHOULD remove the associated request from the bucket and send
  //# an error response to the request.
  //= RFC 8599 §5.6.2
  //# In addition, the proxy MUST store the Contact URI of the REGISTER request during the lifetime
  //# of the REGISTER transaction.
  test("is refused with its REGISTER, but for one that is to be sent again", () => {
    const scene = edgeStage();
    const { path } = registered(scene);
    later(scene);
    scene.stage.say(HOME, inviting(path));
    for (const [status, said] of [
      [401, "401 REGISTER"],
      [403, "480 INVITE"],
    ] as const) {
      const sent = only(scene.stage.say(PHONE, registering()), "REGISTER");
      const all = titles(scene.stage.say(HOME, answer(sent.octets, status, "t")));
      expect(all).toContain(said);
      expect(all.includes("480 INVITE")).toBe(status === 403);
    }
  });

  //= RFC 8599 §5.3
  //# If a 'pn-*' parameter is present in one of the compared URIs but not in the other URI, there
  //# is no match.
  test("waits on when another phone registers, with the same name", () => {
    const scene = edgeStage();
    const { path } = registered(scene);
    later(scene);
    scene.stage.say(HOME, inviting(path));
    const other = CONTACT.replace("t0ken", "other");
    const sent = only(scene.stage.say("203.0.113.5:5062", registering([], other)), "REGISTER");
    expect(titles(scene.stage.say(HOME, granted(sent, other)))).toEqual(["200 REGISTER"]);
    // A 2xx that does not name it grants nothing.
    const again = only(scene.stage.say(PHONE, registering()), "REGISTER");
    expect(titles(scene.stage.say(HOME, answer(again.octets, 200, "t")))).toEqual(["200 REGISTER"]);
  });

  test("A25: of one phone so many wait, and one more is refused", () => {
    const scene = edgeStage();
    const { path } = registered(scene);
    later(scene);
    for (let nth = 0; nth < MAX_HELD_PER_ACCOUNT; nth++) {
      expect(titles(scene.stage.say(HOME, inviting(path)))).not.toContain("480 INVITE");
    }
    expect(titles(scene.stage.say(HOME, inviting(path)))).toContain("480 INVITE");
  });

  test("and comes from a stranger wakes nobody", () => {
    const scene = edgeStage();
    const { path } = registered(scene);
    later(scene);
    const from = "198.51.100.66:5060";
    const via = `SIP/2.0/UDP ${from};branch=z9hG4bKs`;
    expect(titles(scene.stage.say(from, inviting(path, { via })))).toEqual(["403 INVITE"]);
    expect(scene.wake.asked).toEqual([]);
  });

  test("whose parameters are malformed or too long goes on as if it had none", () => {
    for (const uri of [
      `sip:bob@192.168.0.2:5062;pn-provider=fcm;pn-param=town;pn-prid=${"x".repeat(1100)}`,
      "sip:bob@192.168.0.2:5062;pn-provider;pn-prid=t",
      "sip:bob@192.168.0.2:5062;pn-provider=fcm;pn-param=town;pn-prid",
      "sip:bob@192.168.0.2:5062;pn-prid=t0ken;pn-param=town",
    ]) {
      const scene = edgeStage();
      const { path } = registered(scene);
      later(scene);
      expect(titles(scene.stage.say(HOME, inviting(path, { uri })))).toEqual(["INVITE"]);
      expect(scene.wake.asked).toEqual([]);
    }
  });
});

describe("RFC 8599 §5.5: a binding of a phone behind an edge", () => {
  //= RFC 8599 §5.5
  //# When the proxy receives an indication that the UA needs to send a binding-refresh REGISTER
  //# request, the proxy will request that a push notification be sent to the UA.
  test("is renewed by a push in time", () => {
    const scene = edgeStage();
    registered(scene, PHONE, 600);
    scene.stage.wait(440_000);
    expect(scene.wake.kinds).toEqual([]);
    scene.stage.wait(40_000);
    expect(scene.wake.kinds).toEqual(["Refresh"]);
  });

  //= RFC 8599 §5.5
  //# If the proxy receives information that a binding associated with a PRID has expired, or that a
  //# binding has been removed, the proxy MUST NOT request that further push notifications are sent
  //# to the UA using that PRID.
  test("that was taken away is not", () => {
    const scene = edgeStage();
    registered(scene, PHONE, 600);
    const gone = `${CONTACT};expires=0`;
    const sent = only(scene.stage.say(PHONE, registering([], gone)), "REGISTER");
    scene.stage.say(HOME, answer(sent.octets, 200, "t"));
    scene.stage.wait(700_000);
    expect(scene.wake.asked).toEqual([]);
  });
});
