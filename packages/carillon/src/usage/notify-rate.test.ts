import { describe, expect, test } from "vitest";
import { parseEvent } from "../message/header/event.ts";
import {
  grantedRates,
  leastGapMs,
  longestGapMs,
  NO_RATES,
  type Rates,
  rateParams,
  wishedRates,
} from "./notify-rate.ts";

const LIMITS = { minGapMs: 1000, minIdleMs: 10_000 };

function wished(params: string): Rates {
  const event = parseEvent(`presence${params}`);
  if (!event.ok) throw new Error(event.error.message);
  return wishedRates(event.value);
}

const granted = (params: string, remainingSeconds = 3600): Rates =>
  grantedRates(wished(params), LIMITS, remainingSeconds);

describe("RFC 6446 §9.2: a rate", () => {
  test("has two digits, and ten behind the point, and is not zero", () => {
    //= RFC 6446 §5.2
    //# A notifier that supports the maximum rate mechanism MUST extract the value of the "max-rate"
    //# Event header parameter from a SUBSCRIBE request or a 2xx response to the NOTIFY request and
    //# use it as the suggested maximum number of notifications per second.
    //= RFC 6446 §6.2
    //# A notifier that supports the minimum rate mechanism MUST extract the value of the "min-rate"
    //# Event header field parameter from a SUBSCRIBE request or a 2xx response to the NOTIFY
    //# request and use it as the suggested minimum number of notifications per second.
    //= RFC 6446 §7.2
    //# A notifier that supports the adaptive minimum rate mechanism MUST extract the value of the
    //# "adaptive-min-rate" Event header parameter from a SUBSCRIBE request or a 2xx response to the
    //# NOTIFY request and use it to calculate the actual maximum time between two notifications, as
    //# defined in Section 7.4.
    expect(wished(";max-rate=0.05;min-rate=2;adaptive-min-rate=99.0123456789")).toEqual({
      ...{ max: 0.05, min: 2, adaptive: 99.0123456789 },
    });
    for (const none of ["0", "0.0", "100", ".5", "1.", "1e1", "-1", "0.00000000001", "x"]) {
      expect(wished(`;max-rate=${none}`)).toEqual(NO_RATES);
    }
    expect(wished("")).toEqual(NO_RATES);
  });

  test("is written as it is read", () => {
    const written = (max: number) => rateParams({ ...NO_RATES, max }).get("max-rate");
    expect([0.1, 10, 1 / 3, 1e-12, 20].map(written)).toEqual([
      ...["0.1", "10", "0.3333333333", "0.0000000001", "20"],
    ]);
    expect(rateParams(NO_RATES).size).toBe(0);
    expect([...rateParams({ max: 1, min: 0.5, adaptive: 0.25 })]).toEqual([
      ...[
        ["max-rate", "1"],
        ["min-rate", "0.5"],
        ["adaptive-min-rate", "0.25"],
      ],
    ]);
  });
});

describe("RFC 6446: what is granted", () => {
  test("§5.2 is no more than the notifier tells by itself", () => {
    expect(granted(";max-rate=50").max).toBe(1);
    expect(leastGapMs(granted(";max-rate=50"), 1000)).toBe(1000);
    expect(leastGapMs(granted(";max-rate=0.05"), 1000)).toBe(20_000);
    expect(leastGapMs(NO_RATES, 1000)).toBe(1000);
  });

  test("§5.3 tells at least once before the subscription ends", () => {
    //= RFC 6446 §5.3
    //# If the subscriber requests a maximum rate that would result in no notification before the
    //# subscription expiration, the notifier MUST increase the maximum rate and set it to the
    //# reciprocal value of the remaining subscription expiration time.
    expect(granted(";max-rate=0.0001", 100).max).toBe(0.01);
    expect(granted(";max-rate=0.0001", 0).max).toBe(1);
  });

  test("§8 has no least rate over the highest", () => {
    //= RFC 6446 §8
    //# A subscriber SHOULD choose a "min-rate" value lower than the "max-rate" value, otherwise,
    //# the notifier MUST adjust the subscriber provided "min-rate" value to a value equal to or
    //# lower than the "max-rate" value.
    expect(granted(";max-rate=0.01;min-rate=0.05").min).toBe(0.01);
    //= RFC 6446 §8
    //# A subscriber SHOULD choose an "adaptive-min-rate" value lower than the "max-rate" value,
    //# otherwise, the notifier MUST adjust the subscriber provided "adaptive-min-rate" value to a
    //# value equal to or lower than the "max-rate" value.
    expect(granted(";max-rate=0.01;adaptive-min-rate=0.05").adaptive).toBe(0.01);
    expect(granted(";min-rate=5").min).toBe(0.1);
    //= RFC 6446 §8
    //# A subscriber SHOULD choose a "min-rate" value lower than the "adaptive-min-rate" value,
    //# otherwise, the notifier MUST NOT consider the "min-rate" value.
    expect(granted(";min-rate=0.05;adaptive-min-rate=0.05").min).toBeUndefined();
    expect(granted(";min-rate=0.01;adaptive-min-rate=0.05").min).toBe(0.01);
    //= RFC 6446 §8
    //# A subscriber SHOULD choose a "min-rate" and "adaptive-min-rate" values lower than the
    //# "max-rate" value, otherwise, the notifier MUST adjust the subscriber provided "min-rate" and
    //# "adaptive-min-rate" values to a value equal to or lower than the "max-rate" value.
    expect(granted(";max-rate=0.02;min-rate=0.05;adaptive-min-rate=0.05")).toEqual({
      ...{ max: 0.02, min: undefined, adaptive: 0.02 },
    });
  });
});

describe("RFC 6446: how long nothing may be told", () => {
  test("§6.2 is what min-rate says", () => {
    expect(longestGapMs({ ...NO_RATES, min: 0.05 }, [0], 0)).toBe(20_000);
    expect(longestGapMs(NO_RATES, [0], 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("§7.4 grows with what was told lately", () => {
    const rates = { ...NO_RATES, adaptive: 0.1 };
    const every = (ms: number, count: number) => Array.from({ length: count }, (_, n) => n * ms);
    //= RFC 6446 §7.2
    //# The "count" parameter is initialized to contain a history of having sent a "period *
    //# adaptive-min-rate" number of notifications for the "period".
    expect(longestGapMs(rates, [0], 0)).toBe(10_000);
    //= RFC 6446 §7.4
    //# The granularity of the values for the "period" parameter is set by local policy at the
    //# notifier; however, the notifier MUST choose a value greater than the reciprocal value of the
    //# "adaptive-min-rate" parameter.
    // Ten in the last 50 s, where five are the mean.
    expect(longestGapMs(rates, every(5000, 10), 45_000)).toBe(20_000);
    // One in the last 50 s.
    expect(longestGapMs(rates, every(5000, 10), 90_000)).toBe(2000);
    //= RFC 6446 §7.4
    //# timeout = MAX[(1/max-rate), count/((adaptive-min-rate ^ 2)*period)] (2)
    expect(longestGapMs({ ...rates, max: 0.2 }, every(5000, 10), 90_000)).toBe(5000);
    //= RFC 6446 §7.4
    //# However, the notifier MUST comply with any "max-rate" or "min-rate" parameters that have
    //# been negotiated.
    expect(longestGapMs({ ...rates, min: 0.08 }, every(5000, 10), 45_000)).toBe(12_500);
  });
});
