/** Many calls, and calls that must not be, with SIPp at both ends. */
import { DOMAIN, type House } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { CALLEE_PORT, type Counted, type Run, SippRunner } from "./sipp.ts";
import { until } from "./until.ts";

const PEOPLE = 10;
const CALLS = 1000;
const PER_SECOND = 100;
const REGISTRATIONS = 200;

export async function sippCalls(house: House, folder: string, report: Report): Promise<void> {
  const names = Array.from({ length: PEOPLE }, (_, at) => `Person ${at + 1}`);
  const people = await house.addDeskPhones(["Callee", ...names] as const);
  const [callee, ...callers] = people;
  const run = { target: `${callee.user}@${DOMAIN}`, people: callers, calls: 10 };
  const sipp = new SippRunner(folder);
  const ask = (name: string, scenario: string, other: Partial<Run> = {}): Promise<void> =>
    report.check(`SIPp: ${name}`, async () => said(await sipp.ask({ ...run, scenario, ...other })));
  const call = (name: string, sides: Sides, other: Partial<Run> = {}): Promise<void> =>
    report.check(`SIPp: ${name}`, async () => {
      const calls = { ...run, calls: 50, scenario: `${sides}-caller`, ...other };
      return said(await sipp.call(calls, `${sides}-callee`));
    });
  const many = { perSecond: PER_SECOND, calls: CALLS };
  const registrations = { ...many, calls: REGISTRATIONS, port: CALLEE_PORT, people };

  await ask(`${REGISTRATIONS} REGISTER with digest`, "register", {
    ...registrations,
    target: DOMAIN,
  });
  await call(`${CALLS} calls`, "call", many);
  await call("the callee hangs up", "callee-hangs-up");
  await call("the caller gives up while it rings", "cancel");
  await call("the callee declines for all devices", "decline");
  await report.check("SIPp: each call is one record, with how it ended", async () => {
    const wanted = [
      ...["50 × 200, callee", `${CALLS} × 200, caller`],
      ...["50 × 487, nobody", "50 × 603, nobody"],
    ].join("; ");
    const found = (): string => house.recordsOfCallsTo(callee.user).join("; ");
    // They are written behind the calls.
    await until(`the records are ${wanted}`, () => found() === wanted || undefined, 5000).catch(
      (error: Error) => Promise.reject(new Error(`${error.message}; they are ${found()}`)),
    );
    return found();
  });
  await ask("an INVITE without credentials gets 407", "unauthenticated-invite");
  await ask("an OPTIONS without credentials gets 407", "unauthenticated-options");
  await ask("a MESSAGE without credentials gets 407", "unauthenticated-message");
  await ask("an unknown program is offered all algorithms in order", "several-challenges");
  await ask("an INVITE with a wrong password gets 407 again", "wrong-password-invite", {
    people: callers.map((caller) => ({ ...caller, password: "not-the-password" })),
  });
  await ask("an INVITE to another domain gets 403", "foreign-domain", {
    target: "somebody@elsewhere.example",
  });
  await ask("an INVITE in another's name gets 403", "foreign-sender");
  await ask("OPTIONS is answered by the server", "options-server", { target: DOMAIN });
  await call("OPTIONS is answered by the callee", "options", { calls: 10 });
  await call("a MESSAGE is delivered, its text with it", "message");
  await call("a device's 302 reaches the caller", "divert");
  const away = `away@${DOMAIN}`;
  await house.configure({ redirects: [{ to: "away", contacts: ["sip:carol@elsewhere.example"] }] });
  await ask("a row of `redirects` is told as 302", "divert-caller", { target: away, calls: 50 });
  const contacts = [`sip:${callee.user}@${DOMAIN}`];
  await house.configure({ redirects: [{ to: "away", contacts }], calls: { follow3xx: true } });
  await call("the server follows its own 302 when told to", "call", { target: away });
  await house.configure({});
}

/** What comes before `-caller` and `-callee` in the names of two scenarios. */
type Sides =
  | ("call" | "callee-hangs-up" | "cancel" | "decline" | "divert")
  | ("message" | "options");

function said(counted: Counted & { readonly callee?: Counted }): string {
  const { succeeded, failed, meanMs, callee } = counted;
  const retransmissions = counted.retransmissions + (callee?.retransmissions ?? 0);
  demand(retransmissions === 0, `${retransmissions} retransmissions`);
  const time = meanMs > 0 ? `, answered in ${meanMs.toFixed(1)} ms on average` : "";
  return `${succeeded} ok, ${failed} failed, ${retransmissions} retransmissions${time}`;
}
