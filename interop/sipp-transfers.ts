/** Transfers between phones of the library and SIPp, which is the other side of the REFER. */
import { successorOf, transfer } from "carillon/transfer";
import { DOMAIN, type House, SERVER_ADDRESS } from "./house.ts";
import { OwnPhone } from "./own-phone.ts";
import { demand, type Report } from "./report.ts";
import { CALLEE_PORT, type Run, SippRunner } from "./sipp.ts";
import { until } from "./until.ts";

const RTP_PORT = 30_200;
const WAIT_MS = 8000;

export async function sippTransfers(house: House, folder: string, report: Report): Promise<void> {
  const [callee, inasOwn, jonsOwn] = await house.addDeskPhones(["Other", "Ina", "Jon"] as const);
  const sipp = new SippRunner(folder, 25);
  const side = { people: [callee], calls: 1, port: CALLEE_PORT };
  const target = `${callee.user}@${DOMAIN}`;
  await sipp.ask({ ...side, scenario: "register", target: DOMAIN });
  const [ina, jon] = await Promise.all(
    [inasOwn, jonsOwn].map(({ user, password }, nth) =>
      OwnPhone.open({
        ...{ aor: `sip:${user}@${DOMAIN}`, password, server: SERVER_ADDRESS },
        ...{ rtpPort: RTP_PORT + 2 * nth, transfers: "follow" },
      }),
    ),
  );
  if (!ina || !jon) throw new Error("two phones were opened");
  await report.check("SIPp is transferred by a phone of the library, and says how it goes", () =>
    resultOf(sipp, { ...side, scenario: "transferred-callee", target }, async () => {
      const call = ina.phone.call(`sip:${target}`);
      await call.answered;
      const asked = transfer(call, jon.phone.aor);
      const told: string[] = [];
      for await (const state of asked.states()) {
        told.push("status" in state ? `${state.status}` : state.name);
      }
      const { code } = await call.ended;
      demand(asked.state.name === "Transferred", `it is ${told.join(", ")}`);
      demand(code === "SIP_TRANSFERRED", `the call ended with ${code}`);
      return `${told.join(", ")}; ${code}`;
    }),
  );
  await report.check("SIPp transfers a phone of the library, which calls and tells it", () =>
    resultOf(
      sipp,
      { ...side, scenario: "transfers-callee", target, referTo: jon.phone.aor.slice(4) },
      async () => {
        const coming = jon.answered(() => {});
        const call = ina.phone.call(`sip:${target}`);
        await call.answered;
        const taken = await coming;
        const { code } = await until("SIPp hangs up", () => endOf(call.state), WAIT_MS);
        demand(code === "SIP_TRANSFERRED", `the call ended with ${code}`);
        const next = successorOf(call)?.state.name;
        demand(next === "Established", `the call that took its place is ${next}`);
        demand(taken.peer.uri === ina.phone.aor, `it came from ${taken.peer.uri}`);
        taken.hangUp();
        return `${code}; the new call is ${next}`;
      },
    ),
  );
  await Promise.all([ina.close(), jon.close()]);
}

async function resultOf(sipp: SippRunner, run: Run, act: () => Promise<string>): Promise<string> {
  return (await sipp.answer(run, act)).result;
}

const endOf = (state: { readonly name: string; readonly end?: { readonly code: string } }) =>
  state.name === "Ended" ? state.end : undefined;
