/**
 * Session timers at SIPp as they come to be in time, which is 45 s after a call began: half of the
 * shortest interval that there is. They run beside other checks, at a phone and ports of their own.
 */
import type { Call, CallEnd } from "carillon/ua";
import { PeerPhone } from "./peer-phone.ts";
import { demand } from "./report.ts";
import type { Run, SippRunner } from "./sipp.ts";

const PHONE_PORT = 5074;
const HOST = "127.0.0.1";
/** With something for a busy machine. */
const LAST_MS = 60_000;

export interface Sessions {
  /** We called, and refresh by INVITE; the first is refused with 422. */
  readonly refreshed: Promise<string>;
  /** We were called and left with the refreshes, by UPDATE. */
  readonly updated: Promise<string>;
  /** Resolves when all is over, whatever it came to. */
  close(): Promise<void>;
}

export async function startSessions(sipp: SippRunner): Promise<Sessions> {
  const own = await PeerPhone.open(PHONE_PORT);
  const refreshed = calls(own, sipp, "peer-refreshed-callee", 5092).then((end) =>
    isHungUp(end, "refreshed by INVITE after 45 s, and again after its 422"),
  );
  const updated = isCalled(own, sipp, "peer-refreshed-caller", 5094).then((end) =>
    isHungUp(end, "refreshed by UPDATE after 45 s"),
  );
  const all = [refreshed, updated];
  // Who waits for one of them comes later.
  for (const one of all) one.catch(() => {});
  const close = async () => {
    await Promise.allSettled(all);
    await own.close();
  };
  return { refreshed, updated, close };
}

const run = (scenario: string, port: number): Run => ({
  ...{ scenario, port, calls: 1, lastsMs: LAST_MS, people: [{ user: "svc", password: "none" }] },
  ...{ target: `own@${HOST}:${PHONE_PORT}`, server: `${HOST}:${PHONE_PORT}` },
});

async function calls(
  own: PeerPhone,
  sipp: SippRunner,
  scenario: string,
  port: number,
): Promise<CallEnd> {
  const { result } = await sipp.answer(run(scenario, port), async () => {
    const call = own.phone.call(`sip:svc@${HOST}:${port}`);
    await call.answered;
    return call.ended;
  });
  return result;
}

async function isCalled(
  own: PeerPhone,
  sipp: SippRunner,
  scenario: string,
  port: number,
): Promise<CallEnd> {
  const coming = own.phone.calls();
  const taken = coming.next().then(async ({ value, done }): Promise<Call> => {
    demand(!done, "the phone was closed");
    await value.answer();
    return value;
  });
  taken.catch(() => {});
  try {
    await sipp.ask(run(scenario, port));
    return await (await taken).ended;
  } finally {
    void coming.return?.();
  }
}

function isHungUp({ by, code }: CallEnd, figure: string): string {
  demand(by === "remote" && code === "SIP_HUNG_UP", `the call ended by ${by} with ${code}`);
  return figure;
}
