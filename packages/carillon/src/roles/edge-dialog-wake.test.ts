/** RFC 8599 §6 at an edge: what comes in a dialog wakes its phone. */
import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { answer, request } from "../testing/domain-stage.ts";
import {
  CONTACT,
  edgeStage,
  HOME,
  inviting,
  later,
  lines,
  next,
  only,
  PHONE,
  registered,
  registering,
  type Stage,
  titles,
  WAKING,
} from "../testing/edge-wake-stage.ts";

describe("RFC 8599 §6: a dialog of a phone behind an edge", () => {
  /** The phone calls; gives back how the registrar's proxy says something in that dialog. */
  function calling(scene: Stage, from: string | number) {
    const { said } = registered(scene, from);
    const own = header(only(said, "200 REGISTER").message, "Feature-Caps") ?? "";
    const purr = /pnspurr="([\w-]+)"/.exec(own)?.[1];
    const contact = `Contact: <sip:bob@192.168.0.2:5062;pn-purr=${purr}>`;
    const invite = request("INVITE", {
      ...{ uri: "sip:carol@home.example", from: "<sip:bob@home.example>;tag=b" },
      ...{ to: "<sip:carol@home.example>", callId: `out${next()}`, lines: [contact] },
      via: `SIP/2.0/UDP 192.168.0.2:5062;rport;branch=z9hG4bKo${next()}`,
    });
    const sent = only(scene.stage.say(from, invite), "INVITE");
    scene.stage.say(HOME, answer(sent.octets, 200, "c", ["Contact: <sip:c@198.51.100.9>"]));
    const [route = ""] = headerLines(sent.message, "Record-Route");
    const id = header(sent.message, "Call-ID") ?? "";
    return {
      route,
      say: (method: string, uri = `sip:bob@192.168.0.2:5062;pn-purr=${purr}`) =>
        scene.stage.say(
          HOME,
          request(method, {
            ...{ uri, callId: id, seq: next(), from: "<sip:carol@home.example>;tag=c" },
            ...{ to: "<sip:bob@home.example>;tag=b", lines: [`Route: ${route}`] },
            via: `SIP/2.0/UDP ${HOME};branch=z9hG4bKm${next()}`,
          }),
        ),
    };
  }

  //= RFC 8599 §6.2.2
  //# When a proxy receives an initial request for a dialog from a UA that contains a 'pn-purr' SIP
  //# URI parameter in the Contact header field URI with a PURR value that the proxy has generated
  //# (Section 6.2.1), the proxy MUST add a Record-Route header to the request to insert itself in
  //# the dialog route [RFC3261] before forwarding the request.
  //= RFC 8599 §6.2.3
  //# If the bucket contains such a request, the proxy MUST remove the SIP request from the SIP
  //# Request Push Bucket and forward it towards the UA.
  test("§6.2.3: what comes in it wakes the phone, and follows to its new connection", () => {
    const scene = edgeStage();
    const connection = scene.stage.connect();
    const { route, say } = calling(scene, connection);
    expect(route).toContain("sip:n1!");
    scene.stage.close(connection);
    expect(titles(say("UPDATE"))).toEqual([]);
    expect(scene.wake.asked).toMatchObject([{ why: { kind: "Request", method: "UPDATE" } }]);
    const back = scene.stage.connect();
    const went = registered(scene, back).said;
    expect(only(went, "UPDATE").to).toBe(back);
    // Awake on the new one, it is not woken again.
    expect(only(say("INFO"), "INFO").to).toBe(back);
    expect(scene.wake.asked).toHaveLength(1);
  });

  test("§6.2.3: over UDP it is tried, and woken where it is silent for two seconds", () => {
    const scene = edgeStage();
    const { say } = calling(scene, PHONE);
    later(scene);
    expect(only(say("UPDATE"), "UPDATE").to).toBe(PHONE);
    scene.stage.wait(1900);
    expect(scene.wake.asked).toEqual([]);
    scene.stage.wait(200);
    expect(scene.wake.kinds).toEqual(["Request"]);
    const moved = "203.0.113.77:40000";
    expect(only(registered(scene, moved).said, "UPDATE").to).toBe(moved);
  });

  //= RFC 8599 §6.2.3
  //# When a proxy sends an error response to a mid-dialog request (e.g., due to a transaction time
  //# out), the proxy SHOULD select a response code that only impacts the transaction associated
  //# with the request [RFC5079].
  test("§6.2.3: that it does not wake for is 430, and at once without", () => {
    const scene = edgeStage();
    const connection = scene.stage.connect();
    const { say } = calling(scene, connection);
    scene.stage.close(connection);
    say("UPDATE");
    expect(titles(scene.stage.wait(16_000))).toContain("430 UPDATE");
    scene.wake.answer = { kind: "Failed", why: "no", isGone: false };
    expect(titles(say("UPDATE"))).toEqual(["430 UPDATE"]);
    expect(titles(say("UPDATE", "sip:bob@192.168.0.2:5062"))).toEqual(["430 UPDATE"]);
    expect(titles(say("UPDATE", "sip:bob@192.168.0.2:5062;pn-purr=AAAA"))).toEqual(["430 UPDATE"]);
  });

  //= RFC 8599 §5.5
  //# If the proxy receives information that a binding associated with a PRID has expired, or that a
  //# binding has been removed, the proxy MUST NOT request that further push notifications are sent
  //# to the UA using that PRID.
  test("of which the binding has been taken away wakes it no more", () => {
    const scene = edgeStage();
    const connection = scene.stage.connect();
    const { say } = calling(scene, connection);
    const sent = only(
      scene.stage.say(connection, registering([], `${CONTACT};expires=0`)),
      "REGISTER",
    );
    scene.stage.say(HOME, answer(sent.octets, 200, "t"));
    scene.stage.close(connection);
    expect(titles(say("UPDATE"))).toEqual(["430 UPDATE"]);
    expect(scene.wake.asked).toEqual([]);
  });

  //= RFC 8599 §5.6.2
  //# NOTE: If the proxy receives a SIP request that does not contain the 'pn-*' SIP URI parameters
  //# listed above, the proxy processing of the request is based on local policy.
  test("§7: an INVITE that replaces it, to its Contact there, wakes it, too", () => {
    const scene = edgeStage();
    const connection = scene.stage.connect();
    calling(scene, connection);
    const { said, path } = registered(scene, connection);
    const own = header(only(said, "200 REGISTER").message, "Feature-Caps") ?? "";
    const purr = /pnspurr="([\w-]+)"/.exec(own)?.[1];
    scene.stage.close(connection);
    const uri = `sip:bob@192.168.0.2:5062;pn-purr=${purr}`;
    expect(lines(scene.stage.say(HOME, inviting(path, { uri })))).toEqual([`SIP/2.0 ${WAKING}`]);
    const back = scene.stage.connect();
    expect(only(registered(scene, back).said, "INVITE").to).toBe(back);
  });
});
