/** Fax over UDPTL: the attributes of ITU-T T.38, D.2.3. */
import { MAX_UINT32 } from "../limits.ts";
import type { Attribute, Line } from "../line.ts";
import { readInteger } from "../sdp-chars.ts";

/** How a fax is carried; each is undefined or false if it is not told. ITU-T T.38, D.2.3. */
export interface T38 {
  /** `T38FaxVersion` */
  readonly version: number | undefined;
  /** `T38MaxBitRate`: the fastest modem, in bit/s. */
  readonly maxBitRate: number | undefined;
  /** `T38FaxFillBitRemoval`: fill bits can be taken out and put in again. */
  readonly fillBitRemoval: boolean;
  /** `T38FaxTranscodingMMR`: can translate to MMR and back. */
  readonly transcodingMmr: boolean;
  /** `T38FaxTranscodingJBIG`: can translate to JBIG and back. */
  readonly transcodingJbig: boolean;
  /** `T38FaxRateManagement`: who makes the training check: each gateway, or the far machine. */
  readonly rateManagement: "localTCF" | "transferredTCF" | undefined;
  /** `T38FaxMaxBuffer`: what the receiver can hold before it overflows. */
  readonly maxBufferBytes: number | undefined;
  /** `T38FaxMaxDatagram`: the largest packet the receiver takes. */
  readonly maxDatagramBytes: number | undefined;
  /** `T38FaxUdpEC` */
  readonly udpErrorCorrection: T38ErrorCorrection | undefined;
}

/** By parity, by repeating earlier packets, or none. */
export type T38ErrorCorrection = "t38UDPFEC" | "t38UDPRedundancy" | "t38UDPNoEC";

const RATES = ["localTCF", "transferredTCF"] as const;
const CORRECTIONS = ["t38UDPFEC", "t38UDPRedundancy", "t38UDPNoEC"] as const;

/**
 * Reads the attributes of a fax from a media section. The case of names differs from gateway to
 * gateway.
 */
export function readT38(lines: readonly Line[]): T38 {
  const values = new Map<string, string>();
  for (const line of lines) {
    const name = line.kind === "a" ? line.name.toLowerCase() : "";
    if (line.kind === "a" && name.startsWith("t38") && !values.has(name)) {
      values.set(name, (line.value ?? "").trim());
    }
  }
  const number = (name: string) => readInteger(values.get(name) ?? "", 0, MAX_UINT32);
  // A property by the standard; some write 0 or 1 after it.
  const flag = (name: string) => values.has(name) && values.get(name) !== "0";
  const oneOf = <T extends string>(name: string, all: readonly T[]): T | undefined =>
    all.find((each) => each.toLowerCase() === values.get(name)?.toLowerCase());
  return {
    version: number("t38faxversion"),
    maxBitRate: number("t38maxbitrate"),
    fillBitRemoval: flag("t38faxfillbitremoval"),
    transcodingMmr: flag("t38faxtranscodingmmr"),
    transcodingJbig: flag("t38faxtranscodingjbig"),
    rateManagement: oneOf("t38faxratemanagement", RATES),
    maxBufferBytes: number("t38faxmaxbuffer"),
    maxDatagramBytes: number("t38faxmaxdatagram"),
    udpErrorCorrection: oneOf("t38faxudpec", CORRECTIONS),
  };
}

/** The lines of a fax, as the standard spells them; nothing for what is undefined or false. */
export function t38Lines(t38: T38): readonly Attribute[] {
  const all: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ["T38FaxVersion", t38.version],
    ["T38MaxBitRate", t38.maxBitRate],
    ["T38FaxFillBitRemoval", t38.fillBitRemoval],
    ["T38FaxTranscodingMMR", t38.transcodingMmr],
    ["T38FaxTranscodingJBIG", t38.transcodingJbig],
    ["T38FaxRateManagement", t38.rateManagement],
    ["T38FaxMaxBuffer", t38.maxBufferBytes],
    ["T38FaxMaxDatagram", t38.maxDatagramBytes],
    ["T38FaxUdpEC", t38.udpErrorCorrection],
  ];
  return all.flatMap(([name, value]) =>
    value === undefined || value === false
      ? []
      : [{ kind: "a", name, value: value === true ? undefined : `${value}` }],
  );
}
