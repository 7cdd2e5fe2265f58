/** The time and randomness of Node for MSRP. */
import { randomBytes } from "node:crypto";
import type { MsrpHost } from "carillon/msrp";

/** `now` is of a clock that never jumps back, in milliseconds. */
export const msrpHost = (now: () => number): MsrpHost => ({
  now,
  at: (when, run) => {
    const timer = setTimeout(run, Math.max(0, when - now())).unref();
    return () => clearTimeout(timer);
  },
  random: (octets) => randomBytes(octets).toString("hex"),
});
