/**
 * What the house does when there is more to do than it can: the library's control, fed by the
 * sockets and the loop, and a line in the log where that begins and ends.
 */
import {
  type OverloadCensus,
  type OverloadControl,
  type OverloadOptions,
  overloadControl,
} from "carillon/endpoint";
import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Log } from "../http/log.ts";
import { lateness } from "../sip/lateness.ts";
import { giveBack } from "./give-back.ts";

export interface HouseOverload {
  /** Undefined where the operator wants none. */
  readonly control: OverloadControl | undefined;
  /** How late the loop is, in ms. */
  lateMs(): number;
  /** Undefined without control. */
  census(): OverloadCensus | undefined;
  close(): void;
}

export interface HouseOverloadOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Whether somebody has signed in there. */
  readonly shield: { knows: NonNullable<OverloadOptions["knows"]> };
}

const LOOK_MS = 1000;

/** Looks on from now until it is closed. What a rush has left of memory is given back after it. */
export function houseOverload(
  wanted: NonNullable<Config["overload"]>,
  { clock, log, shield }: HouseOverloadOptions,
): HouseOverload {
  const knows: OverloadOptions["knows"] = (flow, now) => shield.knows(flow, now);
  const late = lateness(clock.steady);
  const control = wanted === false ? undefined : overloadControl({ ...optionsOf(wanted), knows });
  const census = () => control?.census(clock.steady());
  let wasOverloaded = false;
  const look = setInterval(() => {
    const now = census();
    if (!now || now.isOverloaded === wasOverloaded) return;
    wasOverloaded = now.isOverloaded;
    if (wasOverloaded) log.warn({ ...now }, "too much to do: new calls are turned away");
    else log.info({ ...now }, "no longer too much to do: nobody is turned away");
  }, LOOK_MS);
  look.unref();
  const memory = giveBack((tookMs) => log.info({ tookMs }, "memory of a rush is given back"));
  return {
    control,
    lateMs: late.lateMs,
    census,
    close() {
      clearInterval(look);
      memory.close();
      late.close();
    },
  };
}

const optionsOf = ({
  targetMs,
  registrationsPerSecond,
  retryAfterSeconds,
}: Exclude<NonNullable<Config["overload"]>, boolean>) => ({
  ...(targetMs !== undefined && { targetMs }),
  ...(registrationsPerSecond !== undefined && { registrationsPerSecond }),
  ...(retryAfterSeconds && {
    leastSeconds: retryAfterSeconds.least,
    mostSeconds: retryAfterSeconds.most,
  }),
});
