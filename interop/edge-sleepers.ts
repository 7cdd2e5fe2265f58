/**
 * Phones that sleep behind our edge, while their registrar is Kamailio, which knows nothing of
 * pushes (RFC 8599): a call finds one that is closed, and a BYE one whose connection is gone. The
 * push service is a stand-in, which takes what RFC 8030 and RFC 8292 let it take.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pushPromised, pushServices, sleepable, woken } from "carillon/calling";
import { type Call, Phone } from "carillon/node";
import { certificate } from "carillon/testing";
import { type StandIn, standIn } from "carillon-server/push-stand-in";
import { House, SERVER } from "./house.ts";
import { HOME, KamailioAt, REGISTRAR_AT } from "./kamailio-outbound.ts";
import { caller, stopped } from "./outbound.ts";
import { demand, type Report } from "./report.ts";
import { pause, until } from "./until.ts";
import { Wire } from "./wire.ts";

const EDGE = "edge.example";
const PUSH_PORT = 8447;
const WIRE = { host: "127.0.0.1", port: 5193 };
/** Elsewhere than the wire ends: an address that only the phone has. */
const PHONE_AT = "127.0.0.42";
const INSTANCE = "urn:uuid:00000000-0000-1000-8000-00095a0e1281";
const IDA = `sip:ida@${HOME}`;
const SOON_MS = 5000;

/** A push service that knows one phone. */
interface Service {
  readonly standIn: StandIn;
  /** Where the phone is woken; made once its server's key is known. */
  prid: string;
}

export async function edgeSleepers(folder: string, report: Report): Promise<void> {
  const own = join(folder, "edge-sleepers");
  mkdirSync(join(own, "edge"), { recursive: true });
  const shown = certificate({ name: "localhost", dns: ["localhost"], isAuthority: true });
  writeFileSync(join(own, "edge", "push-ca.pem"), shown.cert);
  const service: Service = { standIn: await standIn({ ...shown, port: PUSH_PORT }), prid: "" };
  const kamailio = await KamailioAt.registrar(own);
  const registrar = `sip:${REGISTRAR_AT.host}:${REGISTRAR_AT.port}`;
  const push = { hosts: [`localhost:${PUSH_PORT}`], ca: "push-ca.pem" };
  const config = { edge: { domains: [HOME], registrar, lastToWake: true }, push };
  const edge = await House.start(join(own, "edge"), { config, domain: EDGE });
  const ann = await caller(`sip:ann@${HOME}`, "none", `${registrar};transport=tcp`);
  try {
    await told(service, report);
    await closedAndCalled(service, ann, report);
    await asleepInACall(service, ann, report);
    await takenBack(service, ann, report);
  } finally {
    await ann.close();
    await service.standIn.close();
    await stopped(edge, report, "the edge of phones that sleep");
    await kamailio.stop();
  }
}

/** Ida's phone, and what it rings for: what was held for it may be there before its 200. */
interface Ida {
  readonly phone: Phone;
  readonly calls: readonly Call[];
}

/** As often as its program starts. */
async function ida({ prid }: Service, server = SERVER): Promise<Ida> {
  const servers = [`sip:${server};transport=tcp`];
  const phone = await Phone.open({
    ...{ aor: IDA, password: "none", servers, local: { host: PHONE_AT } },
    instance: INSTANCE,
  });
  const calls: Call[] = [];
  phone.on("call", (call) => void calls.push(call));
  if (prid !== "") sleepable(phone, { provider: "webpush", prid }, { expiresSeconds: 7200 });
  await phone.register();
  return { phone, calls };
}

async function told(service: Service, report: Report): Promise<void> {
  const { phone } = await ida(service);
  await report.check(
    "our edge before Kamailio: a phone asks which push services it has",
    async () => {
      const all = await pushServices(phone);
      const [web] = await pushServices(phone, "webpush");
      demand(web?.vapid !== undefined, "no key of ours for web push");
      service.prid = service.standIn.subscribe(web.vapid).endpoint;
      const none = await pushServices(phone, "acme");
      demand(none.length === 0, "it has a service that nobody has");
      return `${all.map(({ provider }) => provider).join()}, and 555 for another`;
    },
  );
  await phone.close();
}

async function closedAndCalled(service: Service, ann: Phone, report: Report): Promise<void> {
  const { phone } = await ida(service);
  await report.check("our edge before Kamailio: a phone is promised to be woken", async () => {
    const promised = pushPromised(phone);
    demand(promised?.inDialogs === true, "it is not, or not in its calls");
    return "sip.pns, sip.vapid and sip.pnspurr";
  });
  await phone.close();
  await report.check(
    "our edge before Kamailio: a phone that is closed is woken by a call, and answers it",
    async () => {
      const before = service.standIn.pushes.length;
      const startMs = performance.now();
      const call = ann.call(IDA);
      const got = await pushed(service, before);
      demand(got.text === "" && got.urgency === "high", `it says ${got.text || got.urgency}`);
      const back = await ida(service);
      const incoming = await rings(back);
      await Promise.all([incoming.answer(), call.answered]);
      const ms = performance.now() - startMs;
      call.hangUp();
      await incoming.ended;
      await back.phone.close();
      return `a push without content, signed; ${ms.toFixed(0)} ms from the call to its answer`;
    },
  );
}

async function asleepInACall(service: Service, ann: Phone, report: Report): Promise<void> {
  const wire = await Wire.to(WIRE, SERVER);
  const own = await ida(service, `${WIRE.host}:${WIRE.port}`);
  const { phone } = own;
  let again: Wire | undefined;
  try {
    await report.check(
      "our edge before Kamailio: a phone that sleeps in a call is woken by the BYE",
      async () => {
        const call = ann.call(IDA);
        const incoming = await rings(own);
        await Promise.all([incoming.answer(), call.answered]);
        const before = service.standIn.pushes.length;
        // Its radio is off: nothing comes, and it gets no other connection.
        wire.cut();
        // Until the edge has noticed.
        await pause(500);
        call.hangUp();
        await pushed(service, before);
        demand(incoming.state.name !== "Ended", "it knew without");
        again = await Wire.to(WIRE, SERVER);
        woken(phone);
        const end = await incoming.ended;
        demand(end.by === "remote", `it ended by ${end.by}: ${end.message}`);
        return "held, a push, a REGISTER over another connection, and there it is";
      },
    );
  } finally {
    wire.close();
    await phone.close();
    again?.close();
  }
}

async function takenBack(service: Service, ann: Phone, report: Report): Promise<void> {
  const { phone } = await ida(service);
  await phone.close();
  await report.check(
    "our edge before Kamailio: a caller who thinks better of it leaves no call behind",
    async () => {
      const before = service.standIn.pushes.length;
      const call = ann.call(IDA);
      await pushed(service, before);
      call.hangUp();
      await call.ended;
      const { phone: back, calls } = await ida(service);
      await until("it is registered", () => back.state.name === "Registered" || undefined, SOON_MS);
      demand(calls.length === 0, "it rings");
      sleepable(back, undefined);
      await back.close();
      return "487, and it does not ring";
    },
  );
}

function pushed({ standIn: { pushes, refused } }: Service, before: number) {
  const next = (): StandIn["pushes"][number] | undefined => {
    demand(refused.length === 0, `a push was refused: ${refused.at(-1)}`);
    return pushes[before];
  };
  return until("a push has come", next, SOON_MS);
}

const rings = ({ calls }: Ida): Promise<Call> => until("it rings", () => calls[0], SOON_MS);
