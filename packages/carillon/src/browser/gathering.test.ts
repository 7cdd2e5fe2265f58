import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gathering } from "./gathering.ts";
import { Fragments } from "./trickle.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What of a connection gathering looks at; candidates come when a test says so. */
class Connection extends EventTarget {
  iceGatheringState = "new";
  localDescription: { sdp: string } | null = null;
  readonly #candidates: string[] = [];
  #ufrag = "a";

  begin(ufrag = "a"): void {
    this.#ufrag = ufrag;
    this.#candidates.length = 0;
    this.#describe();
  }

  found(port: number): void {
    this.iceGatheringState = "gathering";
    this.#candidates.push(`a=candidate:1 1 udp 1 192.0.2.1 ${port} typ host`);
    this.#describe();
    this.dispatchEvent(new Event("icecandidate"));
  }

  complete(): void {
    this.iceGatheringState = "complete";
    this.dispatchEvent(new Event("icegatheringstatechange"));
  }

  #describe(): void {
    const media = ["m=audio 9 RTP/AVP 0", ...this.#candidates, `a=ice-ufrag:${this.#ufrag}`];
    const lines = ["v=0", "t=0 0", ...media, "a=ice-pwd:p", "a=mid:0", ""];
    this.localDescription = { sdp: lines.join("\r\n") };
  }
}

function gathering() {
  const connection = new Connection();
  const told: string[] = [];
  const peerConnection = connection as unknown as RTCPeerConnection;
  const it = new Gathering(peerConnection);
  it.telling = new Fragments(peerConnection, it, (one) => told.push(one));
  return { connection, told, it };
}

const ports = (text: string): readonly string[] =>
  [...text.matchAll(/192\.0\.2\.1 (\d+)/g)].map(([, port]) => port ?? "");

test("RFC 8838 §16 half trickle: a description leaves with all candidates", async () => {
  const { connection, it, told } = gathering();
  const described = it.describe(async () => connection.begin(), false);
  await vi.advanceTimersByTimeAsync(100);
  connection.found(1);
  connection.found(2);
  connection.complete();
  const text = await described;
  expect(ports(text)).toEqual(["1", "2"]);
  //= RFC 8840 §8.2
  //# The Offerer or Answerer MAY include an "end-of-candidates" attribute in case candidate
  //# discovery has ended and no further candidates are to be trickled.
  expect(text.indexOf("a=end-of-candidates")).toBeLessThan(text.indexOf("m="));
  expect(text).toContain("a=end-of-candidates");
  expect(told).toEqual([]);
});

test("it is not waited for longer than 2 s; what comes later is told", async () => {
  const { connection, it, told } = gathering();
  const described = it.describe(async () => connection.begin(), false);
  await vi.advanceTimersByTimeAsync(10);
  connection.found(1);
  await vi.advanceTimersByTimeAsync(1990);
  const text = await described;
  expect(ports(text)).toEqual(["1"]);
  expect(text).not.toContain("a=end-of-candidates");
  connection.found(2);
  expect(told.map(ports)).toEqual([["1", "2"]]);
});

test("RFC 8840 §4.4: trickled, all candidates so far are told, in order", async () => {
  const { connection, it, told } = gathering();
  const text = await it.describe(async () => connection.begin(), true);
  expect(ports(text)).toEqual([]);
  connection.found(1);
  connection.found(2);
  connection.complete();
  //= RFC 8840 §4.4
  //# In other words, the sequence of a previously sent list of candidates MUST NOT change in
  //# subsequent INFO requests, and newly gathered candidates MUST be added at the end of that list.
  expect(told.map(ports)).toEqual([["1"], ["1", "2"], ["1", "2"]]);
  expect(told.at(-1)).toContain("a=end-of-candidates");
  connection.found(3);
  expect(told, "that was the last word").toHaveLength(3);
});

test("candidates for a description that is not out yet are not told before it", async () => {
  const { connection, it, told } = gathering();
  const make = async () => {
    connection.begin();
    connection.found(1);
  };
  const text = await it.describe(make, true);
  expect([ports(text), told]).toEqual([["1"], []]);
});

test("RFC 8445 §9: when ICE begins anew, the state of before says nothing", async () => {
  const { connection, it } = gathering();
  const first = it.describe(async () => connection.begin(), false);
  await vi.advanceTimersByTimeAsync(1);
  connection.found(1);
  connection.complete();
  await first;
  it.anew();
  const second = it.describe(async () => connection.begin("b"), false);
  await vi.advanceTimersByTimeAsync(1);
  connection.found(7);
  connection.complete();
  expect(ports(await second)).toEqual(["7"]);
});

test("a machine without a network describes itself at once", async () => {
  const { connection, it } = gathering();
  const make = async () => {
    connection.begin();
    connection.complete();
  };
  expect(ports(await it.describe(make, false))).toEqual([]);
});

test("what is enough is not waited beyond, and does not end the candidates", async () => {
  const { connection, it } = gathering();
  it.enough = () => connection.localDescription?.sdp.includes(" 2 typ") ?? false;
  const described = it.describe(async () => connection.begin(), false);
  await vi.advanceTimersByTimeAsync(10);
  connection.found(1);
  await vi.advanceTimersByTimeAsync(10);
  connection.found(2);
  const text = await described;
  expect(ports(text)).toEqual(["1", "2"]);
  expect(text).not.toContain("end-of-candidates");
});
