/** SIPp as the other side of a phone of the library, with no server between them. */
import type { Call, SipErrorCode } from "carillon/ua";
import { keepsNothing, registersForLonger, thousandCalls } from "./peer-load.ts";
import { PEER_AOR, PeerPhone } from "./peer-phone.ts";
import { startSessions } from "./peer-sessions.ts";
import { demand, type Report } from "./report.ts";
import { CALLEE_PORT, SippRunner } from "./sipp.ts";
import { until } from "./until.ts";

const PEER_PORT = 5072;
/** SIPp's files are named by what has run before in the same folder. */
const RUNS_BEFORE = 200;
const WAIT_MS = 8000;
const ENOUGH_MS = 300;
const SERVICE = `svc@127.0.0.1:${CALLEE_PORT}`;
const OWN = `${PEER_AOR.slice(4)}:${PEER_PORT}`;
const side = { people: [{ user: "svc", password: "none" }], calls: 1, target: OWN };

interface Callee {
  readonly name: string;
  readonly scenario: string;
  readonly lateOffer?: boolean;
  readonly countsRepeats?: boolean;
  /** It is not answered, but refused in this way. */
  readonly refused?: SipErrorCode;
  /** What is done once it is answered; the call is hung up where nothing is. */
  readonly act?: (call: Call) => Promise<string>;
}

const CALLEES: readonly Callee[] = [
  { name: "calls who rings reliably (PRACK)", scenario: "reliable" },
  { name: "is updated before and after it is answered (UPDATE)", scenario: "update", act: waits },
  { name: "calls without an offer and answers in its ACK", scenario: "late", lateOffer: true },
  { name: "changes the call again by itself after a 491", scenario: "pending", act: holds },
  { name: "asks for longer sessions after a 422", scenario: "interval" },
  { name: "is rung by two and answered by the second", scenario: "forked" },
  { name: "is answered by two, and hangs up on the second", scenario: "two-answers", act: waits },
  { name: "is rung by a 180 without a To tag", scenario: "untagged" },
  { name: "is answered by a 200 without a To tag", scenario: "untagged-answer", act: waits },
  { name: "is refused without a To tag", scenario: "untagged-refusal", refused: "SIP_BUSY" },
  { name: "goes on while its callee refreshes", scenario: "refreshing", act: waits },
  {
    ...{ name: "acknowledges a 200 that comes again", scenario: "repeating", act: waits },
    countsRepeats: true,
  },
  { name: "is hung up on while it changes the call", scenario: "crossing", act: isLeft },
];

const CALLERS = [
  { name: "rings reliably where that is demanded", scenario: "reliable" },
  { name: "offers in its 200 when called without an offer", scenario: "late" },
  { name: "goes on while its caller refreshes the session", scenario: "refreshing" },
  { name: "refuses sessions that are too short, with 422", scenario: "brief" },
];

export async function sippPeerCalls(folder: string, report: Report): Promise<void> {
  const sipp = new SippRunner(folder, RUNS_BEFORE);
  const own = await PeerPhone.open(PEER_PORT);
  const sessions = await startSessions(sipp);
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`a phone of the library, and SIPp with no server: ${name}`, run);
  try {
    for (const callee of CALLEES) await check(callee.name, () => calls(own, sipp, callee));
    for (const { name, scenario } of CALLERS) {
      await check(name, () => isCalled(own, sipp, `peer-${scenario}-caller`));
    }
    await check("registers for longer after a 423", () => registersForLonger(sipp, side));
    await check("takes a thousand calls in a row", () =>
      thousandCalls(own, sipp, { ...side, server: `127.0.0.1:${PEER_PORT}` }),
    );
    await check("keeps nothing of them after the last timer", () => keepsNothing(own));
    await check("refreshes by INVITE, for longer after a 422", () => sessions.refreshed);
    await check("is called and refreshes by UPDATE", () => sessions.updated);
  } finally {
    await sessions.close();
    await own.close();
  }
}

async function calls(own: PeerPhone, sipp: SippRunner, callee: Callee): Promise<string> {
  const { lateOffer = false, countsRepeats = false, act = async () => "hung up" } = callee;
  const { refused } = callee;
  const run = { ...side, countsRepeats, scenario: `peer-${callee.scenario}-callee` };
  const { result } = await sipp.answer(run, async () => {
    const call = own.phone.call(`sip:${SERVICE}`, undefined, { lateOffer });
    if (refused !== undefined) return isRefused(call, refused);
    await call.answered;
    const figure = await act(call);
    call.hangUp();
    const { code } = await call.ended;
    return `${figure}; ${code}`;
  });
  return result;
}

async function isRefused(call: Call, as: SipErrorCode): Promise<string> {
  const { by, code, status } = await call.ended;
  demand(by === "remote" && code === as, `the call ended by ${by} with ${code}`);
  return `${status} ${code}`;
}

/** While the other side does what it has to do. */
async function waits(call: Call): Promise<string> {
  const sinceMs = performance.now();
  const enough = () => performance.now() - sinceMs > ENOUGH_MS || undefined;
  await until("it has had its time", enough, WAIT_MS);
  demand(call.state.name === "Established", `the call is ${call.state.name}`);
  return `still ${call.state.name}`;
}

async function holds(call: Call): Promise<string> {
  const sinceMs = performance.now();
  await call.hold();
  const { state } = call;
  const held = state.name === "Established" ? state.held : state.name;
  demand(held === "ByUs", `it is held by ${held}`);
  return `held ${(performance.now() - sinceMs).toFixed(0)} ms later`;
}

async function isLeft(call: Call): Promise<string> {
  const changed = await call.hold().then(
    () => "it was changed",
    () => "refused",
  );
  demand(changed === "refused", changed);
  const { by, code } = await call.ended;
  demand(by === "remote" && code === "SIP_HUNG_UP", `the call ended by ${by} with ${code}`);
  return `the change was ${changed}`;
}

async function isCalled(own: PeerPhone, sipp: SippRunner, scenario: string): Promise<string> {
  const coming = own.phone.calls();
  const taken = coming.next().then(async ({ value, done }) => {
    demand(!done, "the phone was closed");
    await value.answer();
    return value;
  });
  taken.catch(() => {});
  try {
    await sipp.ask({ ...side, scenario, server: `127.0.0.1:${PEER_PORT}` });
    const { by, code } = await (await taken).ended;
    demand(by === "remote" && code === "SIP_HUNG_UP", `the call ended by ${by} with ${code}`);
    return code;
  } finally {
    void coming.return?.();
  }
}
