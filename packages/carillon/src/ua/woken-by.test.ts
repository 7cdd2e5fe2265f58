/** What a phone that sleeps is told, and its dialogs: RFC 8599 §4.1, §6. */
import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import { messageLabel } from "../message/message-label.ts";
import type { Answer } from "../roles/answer.ts";
import type { Wake, WakeAsked, Woken } from "../roles/wake.ts";
import { type House, type HouseOptions, house } from "../testing/house.ts";
import { pushServices } from "./push-services.ts";
import { pushPromised, type SleepOptions, sleepable, woken } from "./sleepable.ts";

const BOBS = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6b0b";
const PRID = "https://push.example/wake/bob?x=1;2";

type Phone = ReturnType<House["phone"]>;

class Service implements Wake {
  readonly asked: WakeAsked[] = [];
  answer: Answer<Woken> = { kind: "Sent" };
  services = () => [{ provider: "webpush", vapid: "BKey" }, { provider: "fcm" }];
  canWake = ({ provider }: { provider: string }) => provider !== "acme";
  wake(asked: WakeAsked): Answer<Woken> {
    this.asked.push(asked);
    return this.answer;
  }
  get kinds(): readonly string[] {
    return this.asked.map(({ why }) => (why.kind === "Request" ? why.method : why.kind));
  }
}

const stage = (options: HouseOptions = {}) => {
  const wake = new Service();
  return { scene: house({ ...options, wake }), wake };
};

async function app(scene: House, options: SleepOptions = {}, provider = "fcm"): Promise<Phone> {
  const phone = scene.phone("bob", "udp", { instance: BOBS });
  sleepable(phone, { provider, prid: PRID, param: "town" }, options);
  await scene.network.until(phone.register());
  return phone;
}

/** What went to or from hosts of this name, the first line and one header of each. */
const said = ({ network }: House, label: string, name: "Contact" | "Feature-Caps") =>
  network.sights.flatMap(({ octets }) => {
    if (messageLabel(octets) !== label) return [];
    const read = parseMessage(octets);
    return read.ok ? [header(read.value, name) ?? ""] : [];
  });
const purrsIn = (contacts: readonly string[]) =>
  contacts.map((one) => /;pn-purr=([\w-]+)/.exec(one)?.[1]);

describe("RFC 8599 §4.1.1: what a phone is promised", () => {
  //= RFC 8599 §4.1.1
  //# In addition, if the same Feature-Caps header field contains a 'sip.vapid' feature-capability
  //# indicator, it indicates that the proxy supports use of the Voluntary Application Server
  //# Identification (VAPID) mechanism [RFC8292] to restrict push notifications to the UA.
  test("is in the 2xx, for its own service", async () => {
    const { scene } = stage();
    const phone = await app(scene, {}, "webpush");
    expect(pushPromised(phone)).toEqual({
      ...{ vapid: "BKey", inDialogs: true, refreshBeforeSeconds: undefined },
    });
    sleepable(phone, undefined);
    await scene.network.run(2000);
    expect(pushPromised(phone)).toBeUndefined();
  });

  //= RFC 8599 §4.1.1
  //# If the UA receives a non-2xx response to the REGISTER, or if the UA receives a 2xx response
  //# that does not contain a Feature-Caps header field [RFC6809] with a 'sip.pns'
  //# feature-capability indicator, the UA MUST NOT assume the proxy will request that push
  //# notifications are sent to the UA.
  test("is nothing where its service is not there", async () => {
    expect(pushPromised(await app(stage().scene, {}, "acme"))).toBeUndefined();
    const scene = house();
    expect(pushPromised(await app(scene))).toBeUndefined();
  });

  //= RFC 8599 §4.1.4
  //# If a UA is able to send binding-refresh REGISTER requests using a non-push mechanism (e.g.,
  //# using an internal timer that periodically wakes the UA), the UA MUST insert a 'sip.pnsreg'
  //# media feature tag [RFC3840] in the Contact header field of each REGISTER request.
  //= RFC 8599 §4.1.4
  //# If the UA receives a 2xx response to the REGISTER request that contains a Feature-Caps header
  //# field with a 'sip.pnsreq' feature-capability indicator, the UA MUST send a binding-refresh
  //# REGISTER request prior to binding expiration.
  test("one that wakes by itself renews its binding so long before it ends", async () => {
    const { scene, wake } = stage();
    const phone = await app(scene, { expiresSeconds: 200, wakesItself: true });
    expect(pushPromised(phone)?.refreshBeforeSeconds).toBe(130);
    expect(said(scene, "REGISTER", "Contact").every((one) => one.includes(";+sip.pnsreg"))).toBe(
      true,
    );
    const before = said(scene, "200 OK (REGISTER)", "Contact").length;
    // 200 s less the 130 s; half of it would be 100.
    await scene.network.run(72_000);
    expect(said(scene, "200 OK (REGISTER)", "Contact").length).toBe(before + 1);
    expect(wake.kinds).toEqual([]);
    //= RFC 8599 §4.1.4
    //# Even if the UA is able to send binding-refresh REGISTER requests using a non-push mechanism,
    //# the UA MUST still send a binding-refresh REGISTER request whenever it receives a push
    //# notification (Section 4.1.3).
    woken(phone);
    await scene.network.run(1000);
    expect(said(scene, "200 OK (REGISTER)", "Contact").length).toBe(before + 2);
  });
});

describe("RFC 8599 §4.1.5: which push services there are", () => {
  //= RFC 8599 §4.1.5
  //# In order to perform a query, the UA MUST insert a 'pn-provider' SIP URI parameter in the
  //# Contact header field URI of the REGISTER request:
  //= RFC 8599 §4.1.5
  //# The UA MUST NOT insert a 'pn-prid' SIP URI parameter in the Contact header field URI of the
  //# REGISTER request.
  test("is told, all of them or the one that is asked for, and registers nothing", async () => {
    const { scene } = stage();
    const phone = await scene.signedIn("bob");
    const before = scene.location.bindings("bob", scene.network.now);
    const all = await scene.network.until(pushServices(phone));
    expect(all).toEqual([
      { provider: "webpush", vapid: "BKey" },
      { provider: "fcm", vapid: undefined },
    ]);
    expect(await scene.network.until(pushServices(phone, "fcm"))).toEqual([
      { provider: "fcm", vapid: undefined },
    ]);
    const asked = said(scene, "REGISTER", "Contact").filter((one) => one.includes("pn-provider"));
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.join()).not.toContain("pn-prid");
    expect(scene.location.bindings("bob", scene.network.now)).toEqual(before);
  });

  //= RFC 8599 §4.1.5
  //# If the UA receives a 555 (Push Notification Service Not Supported) response to the REGISTER
  //# request, and if the UA inserted a 'pn-provider' SIP URI parameter in the REGISTER request, the
  //# response indicates that the network does not support the type of PNS that the UA indicated
  //# support of.
  test("is none by a 555, and a SipError where nobody answers", async () => {
    const { scene } = stage();
    const phone = await scene.signedIn("bob");
    expect(await scene.network.until(pushServices(phone, "acme"))).toEqual([]);
    scene.server.stop();
    await expect(scene.network.until(pushServices(phone))).rejects.toThrow("does not answer");
  });
});

describe("RFC 8599 §6: a dialog of a phone that sleeps", () => {
  //= RFC 8599 §6.1.1
  //# If the UA is willing to receive push notifications when a proxy receives a mid-dialog request
  //# addressed towards the UA, the UA MUST insert a 'pn-purr' SIP URI parameter (Section 6.2.1) in
  //# the Contact header field URI of the initial request for a dialog or the 2xx response to such
  //# requests.
  //= RFC 8599 §6.1.1
  //# The UA MUST insert a parameter value identical to the last 'sip.pnspurr' feature-capability
  //# indicator (Section 6.2.1) that it received in a REGISTER response.
  test("§6.1.1: has the last PURR in the Contact of its INVITE, and of its 2xx", async () => {
    const { scene } = stage();
    const alice = await scene.signedIn("alice");
    const bob = await app(scene);
    const last = /pnspurr="([\w-]+)"/.exec(
      said(scene, "200 OK (REGISTER)", "Feature-Caps").at(-1) ?? "",
    );
    const { from } = await scene.talk(alice, bob);
    expect(purrsIn(said(scene, "200 OK (INVITE)", "Contact"))[0]).toBe(last?.[1]);
    from.hangUp();
    await scene.network.run(2000);
    const since = said(scene, "INVITE", "Contact").length;
    await scene.talk(bob, alice);
    expect(purrsIn(said(scene, "INVITE", "Contact").slice(since))[0]).toBe(last?.[1]);
    //= RFC 8599 §4.1
    //# For example, the UA MUST NOT insert the 'pn-prid' SIP URI parameter in the Contact header
    //# field URI of an INVITE request.
    expect(said(scene, "INVITE", "Contact").join()).not.toContain("pn-prid");
  });

  //= RFC 8599 §6.1.1
  //# If the UA has not received a 'sip.pnspurr' feature-capability indicator, the UA MUST NOT
  //# insert a 'pn-purr' SIP URI parameter in a request or response.
  test("§6.1.1: has none where its server gave none, or it does not want that", async () => {
    for (const { scene, options } of [
      { scene: house(), options: {} },
      { scene: stage().scene, options: { inDialogs: false } },
    ]) {
      const alice = await scene.signedIn("alice");
      await scene.talk(alice, await app(scene, options));
      const all = [
        ...said(scene, "INVITE", "Contact"),
        ...said(scene, "200 OK (INVITE)", "Contact"),
      ];
      expect(all.join()).not.toContain("purr");
    }
  });

  //= RFC 8599 §6.2.3
  //# When the proxy receives a mid-dialog SIP request addressed towards the UA that contains a
  //# 'pn-purr' SIP URI parameter, and the proxy is able to retrieve the stored information needed
  //# to request that a push notification be sent to the UA (Section 6.2.1), the proxy MUST place
  //# the SIP request in the SIP Request Push Bucket and request that a push notification be sent to
  //# the UA.
  //= RFC 8599 §6.2.1
  //# If the proxy supports requesting push notifications triggered by mid-dialog requests being
  //# sent to the registered UA, the proxy MUST store the information (the 'pn-*' SIP URI
  //# parameters) needed to request that push notifications are sent to the UA when a proxy receives
  //# an initial REGISTER request for a binding from the UA.
  //= RFC 8599 §6.2.3
  //# If the bucket contains such a request, the proxy MUST remove the SIP request from the SIP
  //# Request Push Bucket and forward it towards the UA.
  test.each([
    ["the other side hangs up", "BYE"],
    ["the other side holds", "INVITE"],
  ])("§6.2.3: %s, and a phone whose connection is gone is woken for it", async (_, method) => {
    const { scene, wake } = stage();
    const { network } = scene;
    const alice = await scene.signedIn("alice");
    const bob = scene.phone("bob", "tcp", { instance: BOBS });
    sleepable(bob, { provider: "fcm", prid: PRID });
    await network.until(bob.register());
    const { from, to } = await scene.talk(alice, bob);
    await network.run(60_000);
    const host = scene.hostOf(bob);
    host.sleep();
    const air = network.partitions.split([host.name], "*");
    if (method === "BYE") from.hangUp();
    const done: Promise<unknown> = method === "BYE" ? to.ended : from.hold();
    await network.run(5000);
    expect(wake.kinds).toEqual([method]);
    air.heal();
    host.wakeUp();
    woken(bob);
    await network.until(done, 20_000);
    expect(to.state.name).toBe(method === "BYE" ? "Ended" : "Established");
  });
});
