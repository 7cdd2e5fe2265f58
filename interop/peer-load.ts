/** A registration that is too short, and a thousand calls and what they leave. */
import { Phone } from "carillon/node";
import { silentMedia } from "carillon/testing";
import type { PeerPhone } from "./peer-phone.ts";
import { demand } from "./report.ts";
import { CALLEE_PORT, type Run, type SippRunner } from "./sipp.ts";
import { until } from "./until.ts";

const HOST = "127.0.0.1";
const CALLS = 1000;
const PER_SECOND = 100;
/**
 * A transaction ends within 32 s (64*T1) of its last word, and with it the search for another
 * server that stood above it. Nothing is longer: a timer that is cancelled leaves at once.
 */
const LAST_TIMER_MS = 36_000;
/** A phone with a call says goodbye in it, and waits two seconds for the answer. */
const FAREWELLS_MS = 1000;

export async function registersForLonger(
  sipp: SippRunner,
  side: Omit<Run, "scenario">,
): Promise<string> {
  const run = { ...side, scenario: "peer-brief-registrar" };
  const { result } = await sipp.answer(run, async () => {
    const phone = await Phone.open({
      ...{ aor: `sip:own@${HOST}`, server: { host: HOST, port: CALLEE_PORT } },
      ...{ local: { host: HOST, port: 0 }, media: () => silentMedia(HOST) },
    });
    await phone.register();
    const { name } = phone.state;
    await phone.close();
    return name;
  });
  demand(result === "Registered", `the phone is ${result}`);
  return `${result} for 7200 s`;
}

export async function thousandCalls(
  own: PeerPhone,
  sipp: SippRunner,
  side: Omit<Run, "scenario">,
): Promise<string> {
  const coming = own.phone.calls();
  const ended: string[] = [];
  const answering = (async () => {
    for await (const call of coming) {
      void call.ended.then(({ code }) => ended.push(code));
      void call.answer().catch(() => {});
    }
  })();
  const counted = await sipp.ask({
    ...{ ...side, scenario: "peer-plain-caller" },
    ...{ calls: CALLS, perSecond: PER_SECOND },
  });
  void coming.return?.();
  await answering;
  const hungUp = ended.filter((code) => code === "SIP_HUNG_UP").length;
  demand(hungUp === CALLS && ended.length === CALLS, `${hungUp} of ${ended.length} were hung up`);
  const { servers, timers } = own.census();
  return `${counted.succeeded} calls; ${servers} transactions and ${timers} timers are left`;
}

/** After the last timer, and with no session that `close` would have to say farewell in. */
export async function keepsNothing(own: PeerPhone): Promise<string> {
  const sinceMs = performance.now();
  const left = () => Object.values(own.census()).reduce((sum, one) => sum + one, 0);
  await until("its endpoint keeps nothing", () => left() === 0 || undefined, LAST_TIMER_MS).catch(
    (error: Error) => demand(false, `${error.message}: ${JSON.stringify(own.census())}`),
  );
  const seconds = ((performance.now() - sinceMs) / 1000).toFixed(0);
  const kept = JSON.stringify(own.census());
  const closingMs = performance.now();
  await own.close();
  const closedMs = performance.now() - closingMs;
  demand(closedMs < FAREWELLS_MS, `it was closed only ${closedMs.toFixed(0)} ms later`);
  return `${kept} after ${seconds} s; closed in ${closedMs.toFixed(0)} ms`;
}
