import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import type { Line } from "../line.ts";
import { readT38, t38Lines } from "./t38.ts";

const line = (name: string, value?: string): Line => ({ kind: "a", name, value });

test("T.38 D.2.3: names in any case, properties with 0 and 1", () => {
  const lines = [
    line("T38FaxVersion", "0"),
    line("t38maxbitrate", "14400"),
    line("T38FaxFillBitRemoval", "0"),
    line("T38FaxTranscodingMMR"),
    line("T38FaxTranscodingJBIG", "1"),
    line("T38FaxRateManagement", "transferredtcf"),
    line("T38FaxMaxBuffer", "4294967296"),
    line("T38FaxUdpEC", "t38UDPRedundancy"),
    line("T38FaxVersion", "3"),
  ];
  expect(readT38(lines)).toEqual({
    version: 0,
    maxBitRate: 14_400,
    fillBitRemoval: false,
    transcodingMmr: true,
    transcodingJbig: true,
    rateManagement: "transferredTCF",
    maxBufferBytes: undefined,
    maxDatagramBytes: undefined,
    udpErrorCorrection: "t38UDPRedundancy",
  });
});

test("parse(format(x)) is x", () => {
  const number = fc.option(fc.nat(), { nil: undefined });
  const any = fc.record({
    version: number,
    maxBitRate: number,
    fillBitRemoval: fc.boolean(),
    transcodingMmr: fc.boolean(),
    transcodingJbig: fc.boolean(),
    rateManagement: fc.constantFrom<"localTCF" | "transferredTCF" | undefined>(
      ...(["localTCF", "transferredTCF", undefined] as const),
    ),
    maxBufferBytes: number,
    maxDatagramBytes: number,
    udpErrorCorrection: fc.constantFrom<"t38UDPFEC" | "t38UDPNoEC" | undefined>(
      ...(["t38UDPFEC", "t38UDPNoEC", undefined] as const),
    ),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(ok(readT38(t38Lines(x)))).toEqual(ok(x));
    }),
  );
});
