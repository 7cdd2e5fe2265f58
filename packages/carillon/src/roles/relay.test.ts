import { describe, expect, test } from "vitest";
import { type House, type HouseOptions, house } from "../testing/house.ts";
import { LyingDns, ScriptedPeer } from "../testing/network.ts";

const ONE = { host: "192.0.2.1", port: 5060 };
const TWO = { host: "192.0.2.2", port: 5060 };

const ZONE = `
  _sip._udp.biloxi.example SRV 1 0 5060 one.biloxi.example
  _sip._udp.biloxi.example SRV 2 0 5060 two.biloxi.example
  one.biloxi.example A 192.0.2.1
  two.biloxi.example A 192.0.2.2
`;
const BOB = "sip:bob@biloxi.example";
const SDP = `
    Content-Type: application/sdp
    | v=0
    | o=- 1 1 IN IP4 192.0.2.1
    | s=-
    | c=IN IP4 192.0.2.1
    | t=0 0
    | m=audio 30000 RTP/AVP 0`;

/** A house whose people may call Biloxi, where two servers do what these scripts say. */
async function abroad(one: string, two: string, options: HouseOptions = {}) {
  const dns = new LyingDns().zone(ZONE);
  const home = house({ dns, policy: { relay: () => true }, ...options });
  const { network } = home;
  const first = network.host("one", ONE, new ScriptedPeer(one));
  const second = network.host("two", TWO, new ScriptedPeer(two));
  const alice = await home.signedIn("alice");
  home.ladder();
  return { home, network, first, second, alice };
}

/** After everything is over nothing is kept about any request. */
async function quiet({ network, server }: House) {
  await network.run(400_000);
  expect(server.endpoint.census()).toMatchObject({ servers: 0, clients: 0 });
  expect(server.endpoint.servers.census()).toMatchObject({ searches: 0, requests: 0 });
}

const ANSWERS = `
  expect INVITE
  send 180 Ringing
  wait 500 ms
  send 200 OK${SDP}
  expect ACK
`;

describe("a call to another domain", () => {
  test("RFC 3263 §4 finds its server, and goes on through this one to its end", async () => {
    const { home, network, first, alice } = await abroad(
      `${ANSWERS}  expect BYE\n  send 200 OK`,
      "",
    );
    const call = alice.call(BOB);
    await network.until(call.answered);
    await network.run(1000);
    call.hangUp();
    await network.run(1000);
    expect([first.endpoint.failure, first.endpoint.isDone]).toEqual([undefined, true]);
    expect(first.endpoint.heard).toEqual(["INVITE", "ACK", "BYE"]);
    //= RFC 7339 §4.1
    //# A SIP client MUST add an "oc" parameter to the topmost Via header it inserts into every SIP
    //# request.
    const [invite] = first.endpoint.messages;
    //= RFC 7339 §4.2
    //# A SIP client MUST add an "oc-algo" parameter to the topmost Via header it inserts into every
    //# SIP request, with a default value of "loss".
    //= RFC 7339 §4.3
    //# This parameter MAY be inserted by the SIP server in a response; it MUST NOT be inserted by
    //# the SIP client in a request.
    //= RFC 7339 §5.1
    //# If a client determines that this is the first contact with a server, the client MUST insert
    //# the "oc" parameter without any value and MUST insert the "oc-algo" parameter with a list of
    //# algorithms it supports. This list MUST include "loss" and MAY include other algorithm names
    //# approved by IANA and described in corresponding documents.
    //= RFC 7339 §5.2
    //# The "oc-validity" and "oc-seq" Via header parameters are only defined in SIP responses and
    //# MUST NOT be used in SIP requests.
    //= RFC 7339 §4.1
    //# There MUST NOT be a value associated with the parameter (the value will be added by the
    //# server).
    //= RFC 7339 §4.2
    //# A SIP client MUST support the loss-based overload control scheme and MUST insert at least
    //# the token "loss" as one of the "oc-algo" parameter values.
    expect(invite?.text.split("\r\n")[1]).toContain(';oc;oc-algo="loss"');
    for (const { text } of first.endpoint.messages) {
      expect(text, "nobody's credentials leave the house").not.toMatch(
        /^(Proxy-)?Authorization:/im,
      );
    }
    await quiet(home);
  });

  test("the other side hangs up, from wherever it is, without being asked who it is", async () => {
    const { home, network, first, alice } = await abroad(ANSWERS, "");
    const call = alice.call(BOB);
    await network.until(call.answered);
    await network.run(1000);
    const invite = first.endpoint.messages[0]?.text ?? "";
    const line = (name: string) => new RegExp(`^${name}: (.*)\r\n`, "im").exec(invite)?.[1] ?? "";
    const bye = [
      `BYE ${/<(.*)>/.exec(line("Contact"))?.[1]} SIP/2.0`,
      "Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bK-bye",
      `Route: ${line("Record-Route")}`,
      `From: ${line("To")};tag=s192021`,
      `To: ${line("From")}`,
      `Call-ID: ${line("Call-ID")}`,
      "CSeq: 7 BYE",
      "Content-Length: 0\r\n\r\n",
    ].join("\r\n");
    const desk = new ScriptedPeer("expect 200 BYE");
    const other = network.host("desk", { host: "192.0.2.77", port: 5060 }, desk);
    network.datagram(other, { host: "198.51.100.1", port: 5060 }, bye);
    await network.run(1000);
    expect([desk.failure, desk.isDone]).toEqual([undefined, true]);
    expect(call.state).toMatchObject({ name: "Ended" });
    await quiet(home);
  });

  test.each([
    ["on the internet does not lead into a network that only this server reaches", "9.9.9.1", []],
    ["in a network nearby goes on as before", "192.0.2.1", ["ACK", "BYE"]],
  ])("the Contact of somebody %s", async (_, biloxi, heard) => {
    const [zone, script] = [ZONE, ANSWERS].map((text) => text.replaceAll("192.0.2.1", biloxi));
    const dns = new LyingDns().zone(zone ?? "");
    const home = house({ dns, policy: { relay: () => true } });
    const { network } = home;
    const inside = new ScriptedPeer("expect ACK\nexpect BYE\nsend 200 OK");
    network.host("inside", { host: "10.0.0.7", port: 6379 }, inside);
    const answers = script?.replace("200 OK", "200 OK\n    Contact: <sip:db@10.0.0.7:6379>") ?? "";
    const peer = new ScriptedPeer(answers.replace("expect ACK", ""));
    network.host("one", { host: biloxi, port: 5060 }, peer);
    const alice = await home.signedIn("alice");
    const call = alice.call(BOB);
    await network.until(call.answered);
    await network.run(1000);
    call.hangUp();
    await network.run(1000);
    expect(inside.heard).toEqual(heard);
    await quiet(home);
  });

  test("goes to the second server when the first refuses, and after 2 s of silence", async () => {
    for (const silent of [false, true]) {
      const { home, network, first, second, alice } = await abroad("", ANSWERS);
      if (silent) first.close();
      else first.stop();
      const since = network.now;
      const call = alice.call(BOB);
      await network.until(call.answered);
      expect(network.now - since).toBeLessThan(silent ? 3000 : 1000);
      expect(network.now - since).toBeGreaterThan(silent ? 2000 : 500);
      await network.run(500);
      const { failure, heard } = second.endpoint;
      expect([failure, heard]).toEqual([undefined, ["INVITE", "ACK"]]);
      expect(home.server.endpoint.servers.census().suspects).toBe(silent ? 1 : 0);
    }
  });

  test("RFC 3261 §16.7 a late 2xx of the first is the caller's, who hangs up", async () => {
    const { home, network, first, second, alice } = await abroad(
      `
      ignore CANCEL
      expect INVITE
      wait 3000 ms
      send 200 OK${SDP.replaceAll("\n", "\n    ")}
      expect ACK
      expect BYE
      send 200 OK
      `,
      `${ANSWERS}  expect BYE\n  send 200 OK`,
    );
    //= RFC 3261 §16.7
    //# After a final response has been sent on the server transaction, the following responses MUST
    //# be forwarded immediately: - Any 2xx response to an INVITE request
    const call = alice.call(BOB);
    await network.until(call.answered);
    await network.run(5000);
    expect(call.state.name).toBe("Established");
    expect([first.endpoint.failure, first.endpoint.isDone]).toEqual([undefined, true]);
    expect(first.endpoint.heard).toEqual(["INVITE", "ACK", "BYE"]);
    call.hangUp();
    await network.run(1000);
    expect([second.endpoint.failure, second.endpoint.isDone]).toEqual([undefined, true]);
    await quiet(home);
  });

  test("a late 2xx after the caller has gone is acknowledged and hung up from here", async () => {
    const { home, network, first, alice } = await abroad(
      `
      ignore CANCEL
      expect INVITE
      wait 5000 ms
      send 200 OK${SDP.replaceAll("\n", "\n    ")}
      expect ACK
      expect BYE
      send 200 OK
      `,
      "",
    );
    const call = alice.call(BOB);
    await network.run(1000);
    call.hangUp();
    await network.run(1000);
    expect(call.state).toMatchObject({ name: "Ended" });
    await network.run(10_000);
    expect([first.endpoint.failure, first.endpoint.isDone]).toEqual([undefined, true]);
    await quiet(home);
  });
});

describe("a redirection to another domain that is followed from here", () => {
  test("finds its servers, and the call goes on through this one to its end", async () => {
    const { home, network, first, alice } = await abroad(
      `${ANSWERS}  expect BYE\n  send 200 OK`,
      "",
      {
        policy: {
          follow3xx: true,
          relay: (_, { host }) => host === "biloxi.example",
          route: () => ({ kind: "Redirect", contacts: [{ uri: BOB }] }),
        },
      },
    );
    const call = alice.call("sip:bob@house.example");
    await network.until(call.answered);
    await network.run(1000);
    call.hangUp();
    await network.run(1000);
    expect([first.endpoint.failure, first.endpoint.isDone]).toEqual([undefined, true]);
    expect(first.endpoint.heard).toEqual(["INVITE", "ACK", "BYE"]);
    expect(first.endpoint.messages[0]).toMatchObject({ uri: BOB });
    expect(home.ladder()).not.toContain("302");
    await quiet(home);
  });

  test("that cannot be reached is told in words, and not as a redirection", async () => {
    const { home, network, alice } = await abroad("", "", {
      dns: new LyingDns(),
      policy: {
        ...{ follow3xx: true, relay: () => true },
        route: () => ({ kind: "Redirect", contacts: [{ uri: BOB }] }),
      },
    });
    const call = alice.call("sip:bob@house.example");
    void call.answered.catch(() => {});
    expect(await network.until(call.ended)).toMatchObject({
      status: 404,
      message: "biloxi.example has no address in the DNS",
    });
    await quiet(home);
  });
});

describe("a call to another domain that does not come about", () => {
  const ended = async (options: HouseOptions, uri = BOB) => {
    const { home, network, alice } = await abroad("", "", options);
    const call = alice.call(uri);
    void call.answered.catch(() => {});
    const end = await network.until(call.ended);
    await quiet(home);
    return end;
  };

  test("is refused where nothing else was said: this server is nobody's open relay", async () => {
    expect(await ended({ policy: {} })).toMatchObject({
      status: 403,
      message: "requests to other domains are not forwarded here",
    });
    const policy = { relay: (account: string | undefined) => account === "bob" };
    expect(await ended({ policy })).toMatchObject({ status: 403 });
  });

  test("says in words what the DNS knows", async () => {
    const dns = new LyingDns();
    expect(await ended({ dns })).toMatchObject({
      status: 404,
      message: "biloxi.example has no address in the DNS",
    });
    expect(await ended({ dns: new LyingDns().otherwise("never") })).toMatchObject({
      status: 504,
      message: "biloxi.example got no answer from the DNS (2 s a question)",
    });
  });

  test("never comes back here by another name", async () => {
    const dns = new LyingDns().zone("biloxi.example A 198.51.100.1");
    expect(await ended({ dns })).toMatchObject({ status: 404 });
  });

  test("is taken back while servers are looked for", async () => {
    const dns = new LyingDns().otherwise("never");
    const { home, network, alice } = await abroad("", "", { dns });
    const call = alice.call(BOB);
    await network.run(1000);
    call.hangUp();
    await network.run(1000);
    expect(call.state).toMatchObject({ name: "Ended" });
    expect(home.ladder()).toContain("487");
    await quiet(home);
  });
});
