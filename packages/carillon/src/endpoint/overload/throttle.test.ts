import { describe, expect, test } from "vitest";
import { readParams } from "../../grammar/params.ts";
import { seeded } from "../../testing/random.ts";
import { Throttle } from "./throttle.ts";

const server = { host: "192.0.2.7", port: 5060 };

function asked(text: string, now = 0) {
  const throttle = new Throttle(seeded(5));
  const hear = (more: string, at: number) => {
    const params = readParams(more, 0, more.length);
    if (!params) throw new Error(more);
    throttle.heard(server, params, at);
  };
  hear(text, now);
  const went = (count: number, everyMs: number, from: number, isUrgent = false): number => {
    let all = 0;
    for (let i = 0; i < count; i++) {
      if (throttle.mayGo(server, isUrgent, from + i * everyMs)) all++;
    }
    return all;
  };
  return { throttle, hear, went };
}

describe("a server that has asked for less", () => {
  test("RFC 7339 §7.2: gets as much less as it wished, of those that may be left out", () => {
    const { went } = asked(';oc=40;oc-algo="loss";oc-validity=60000;oc-seq=1.1');
    //= RFC 7339 §5.5
    //# A SIP client MUST honor overload control values it receives from downstream neighbors. The
    //# SIP client MUST NOT forward more requests to a SIP server than allowed by the current "oc"
    //# and "oc-algo" parameter values from that particular downstream server.
    //= RFC 7339 §4.1
    //# When a SIP client receives a response with the value in the "oc" parameter filled in, it
    //# MUST reduce, as indicated by the "oc" and "oc-algo" parameters, the number of requests going
    //# downstream to the SIP server from which it received the response
    const [plain, urgent] = [went(800, 1, 0), went(200, 1, 800, true)];
    expect(urgent).toBe(200);
    expect(plain).toBeGreaterThan(340);
    expect(plain).toBeLessThan(460);
  });

  test("RFC 7339 §7.2: where all plain ones are left out, some urgent ones are as well", () => {
    const { went } = asked(";oc=90;oc-validity=60000");
    expect(went(100, 1, 0)).toBe(0);
    const urgent = went(100, 1, 100, true);
    expect(urgent).toBeGreaterThan(30);
    expect(urgent).toBeLessThan(70);
  });

  test("RFC 7415 §3.5: gets so many a second, urgent ones before others", () => {
    const { went } = asked(';oc=20;oc-algo="rate";oc-validity=60000;oc-seq=1.1');
    const plain = went(1000, 10, 0);
    expect(plain).toBeGreaterThan(195);
    expect(plain).toBeLessThan(210);
    expect(went(10, 0, 10_000)).toBeLessThan(3);
    expect(went(1, 0, 10_000)).toBe(0);
    expect(went(4, 1, 10_001, true)).toBe(4);
  });

  test("RFC 7415 §3.5.1: a rate of 0 is nobody at all", () => {
    const { went } = asked(';oc=0;oc-algo="rate";oc-validity=1000');
    expect(went(50, 10, 0, true)).toBe(0);
  });

  test("RFC 7339 §5.7: gets everything again when the time is up, or it says so", () => {
    //= RFC 7339 §5.4
    //# Stored overload control parameters MUST be reset to default values once the validity period
    //# has expired
    const { went, hear, throttle } = asked(";oc=100;oc-seq=1.1");
    expect(went(10, 1, 0)).toBe(0);
    expect(throttle.size(499)).toBe(1);
    expect(went(10, 1, 500)).toBe(10);
    hear(";oc=100;oc-validity=5000;oc-seq=2.1", 1000);
    expect(went(10, 1, 1000)).toBe(0);
    hear(";oc=0;oc-validity=0;oc-seq=3.1", 1020);
    expect(went(10, 1, 1030)).toBe(10);
  });

  test("RFC 7339 §5.4: is not taken at a word that is older than the last one", () => {
    const { went, hear } = asked(";oc=100;oc-validity=5000;oc-seq=1282321615.782");
    hear(";oc=0;oc-validity=0;oc-seq=1282321615.781", 10);
    expect(went(10, 1, 20)).toBe(0);
    // RFC 7339 §4.4: numbers that begin anew.
    hear(";oc=0;oc-validity=0;oc-seq=1.0", 40);
    expect(went(10, 1, 50)).toBe(10);
  });
});

//= RFC 7339 §4.3
//# A SIP client MUST discard a non-zero value of the "oc-validity" parameter if the client receives
//# it in a response without the corresponding "oc" parameter being present as well.
test.each([";oc", ";oc-validity=5000", ";oc=x", ";oc=-1", ';oc=50;oc-algo="other"', ";branch=z9"])(
  "%s asks for nothing",
  (text) => {
    const { throttle, went } = asked(text);
    expect(throttle.size(0)).toBe(0);
    expect(went(10, 1, 0)).toBe(10);
  },
);

test("a thousand servers are remembered, and not one more", () => {
  const throttle = new Throttle(() => 0);
  const params = readParams(";oc=100;oc-validity=60000", 0, 25);
  if (!params) throw new Error("params");
  for (let port = 1; port <= 3000; port++) throttle.heard({ host: "h", port }, params, 0);
  expect(throttle.size(1)).toBe(1024);
  expect(throttle.mayGo({ host: "h", port: 3000 }, false, 1)).toBe(false);
  expect(throttle.mayGo({ host: "h", port: 1 }, false, 1)).toBe(true);
});
