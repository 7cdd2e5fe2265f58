/** Another certificate while a hundred calls go over TLS: only who comes anew notices. */
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import type { Socket } from "node:net";
import { join } from "node:path";
import { type Call, DescribedMedia, Phone } from "carillon/node";
import { type Certificate, certificate } from "carillon/testing";
import { shownAt, TLS_PORTS } from "./certificates.ts";
import { type Credentials, DOMAIN, House } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const CALLS = 100;
const SWAPS = 3;
/** A person may have so many phones at a time. */
const EACH = 25;
/** The program looks at its files every two seconds, and waits until they are quiet. */
const NOTICED_MS = 10_000;
const SERVER = { host: "127.0.0.1", port: 5061 };

type OneCall = Call<DescribedMedia>;

export async function swappedInCalls(folder: string, report: Report): Promise<void> {
  const authority = certificate({ name: "an authority", isAuthority: true });
  const house = await House.start(folder, {
    ...{ log: "info", config: { registrar: { contactsPerPerson: EACH, contactsPerDevice: EACH } } },
  });
  const files = { cert: house.certificate, key: join(folder, "key.pem") };
  const write = ({ cert, key }: Certificate): void => {
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key);
  };
  const swap = async (): Promise<string> => {
    write(certificate({ name: "x", dns: [DOMAIN], ips: ["127.0.0.1"], issuer: authority }));
    return shownEverywhere(authority.cert, readFileSync(files.cert, "utf8"));
  };
  try {
    await swap();
    const callers = await house.addDeskPhones(["Kim", "Mia", "Ned", "Ole"] as const);
    const callee = await house.addDeskPhone("Lee");
    await report.check(`the certificate is swapped ${SWAPS} times in ${CALLS} TLS calls`, () =>
      inCalls(house, { authority, callers, callee, swap }),
    );
    for (const [what, bad] of badOnes(authority)) {
      await report.check(`a certificate that ${what} is refused, and the old one stays`, () =>
        isRefused(house, () => write(bad), authority),
      );
    }
  } finally {
    await house.stop();
  }
}

interface Swapping {
  readonly authority: Certificate;
  readonly callers: readonly Credentials[];
  readonly callee: Credentials;
  swap(): Promise<string>;
}

async function inCalls(
  house: House,
  { authority, callers, swap, ...who }: Swapping,
): Promise<string> {
  const open = ({ user, password }: Credentials) =>
    Phone.open({
      ...{ aor: `sip:${user}@${DOMAIN}`, password, server: SERVER },
      ...{ local: { host: "127.0.0.1", port: 0 }, transport: "TLS", tls: { ca: authority.cert } },
      media: (wanted) => new DescribedMedia(wanted, { local: SOUND, onagreed() {} }),
    });
  const callee = await open(who.callee);
  await callee.register();
  const there: OneCall[] = [];
  void answerAll(callee, there);
  const phones: Phone<DescribedMedia>[] = [];
  let page: Socket | undefined;
  try {
    const here: OneCall[] = [];
    for (const caller of callers.flatMap((one) => Array<Credentials>(EACH).fill(one))) {
      const phone = await open(caller);
      phones.push(phone);
      await phone.register();
      const call = phone.call(callee.aor);
      await call.answered;
      here.push(call);
    }
    page = await pageAt(8443, authority.cert);
    const before = (await house.status()).connections;
    demand(before === CALLS + 2, `there are ${before} connections for ${CALLS} calls`);
    const serials = new Set<string>();
    for (let nth = 0; nth < SWAPS; nth++) {
      serials.add(await swap());
      // In each dialog, both ways, over the connection that it has.
      await Promise.all(here.map((call, i) => (i % SWAPS === nth ? held(call) : undefined)));
    }
    const after = (await house.status()).connections;
    demand(after === before, `of ${before} connections ${after} are there`);
    demand(!page.destroyed && page.readable, "the page's WebSocket was closed");
    const lost = here.filter(({ state }) => state.name !== "Established").length;
    demand(lost === 0, `${lost} calls are not established any more`);
    for (const call of there) call.hangUp();
    const ends = await Promise.all(here.map(({ ended }) => ended));
    const wrong = ends.filter(({ by, code }) => by !== "remote" || code !== "SIP_HUNG_UP");
    demand(wrong.length === 0, `${wrong.length} calls ended otherwise: ${wrong[0]?.code}`);
    const figure = `${ends.length} of ${CALLS} calls held, resumed and hung up`;
    return `${figure} over ${before} connections, ${serials.size} certificates shown`;
  } finally {
    page?.destroy();
    await Promise.all([callee, ...phones].map((phone) => phone.close()));
  }
}

async function held(call: OneCall): Promise<void> {
  await call.hold();
  await call.resume();
}

async function answerAll(phone: Phone<DescribedMedia>, into: OneCall[]): Promise<void> {
  for await (const call of phone.calls()) {
    into.push(call);
    await call.answer({ audio: true, video: false });
  }
}

/** What a page has open besides: a WebSocket over https. */
function pageAt(port: number, ca: string): Promise<Socket> {
  const headers = {
    ...{ connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
    ...{ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-protocol": "sip" },
  };
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path: "/sip", ca, headers });
    asked.on("upgrade", (_, socket) => resolve(socket.resume() as Socket));
    asked.on("response", ({ statusCode }) => reject(new Error(`no WebSocket, but ${statusCode}`)));
    asked.on("error", reject).end();
  });
}

/** Resolves to its serial once all ports show it. */
async function shownEverywhere(ca: string, cert: string): Promise<string> {
  const { X509Certificate } = await import("node:crypto");
  const { serialNumber } = new X509Certificate(cert);
  const all = async () => {
    const shown = await Promise.all(
      TLS_PORTS.map((port) => shownAt(port, ca).catch(() => undefined)),
    );
    return shown.every((one) => one?.serial === serialNumber) || undefined;
  };
  await until("all ports show the new certificate", all, NOTICED_MS);
  return serialNumber;
}

async function isRefused(house: House, write: () => void, authority: Certificate) {
  const before = await Promise.all(TLS_PORTS.map((port) => shownAt(port, authority.cert)));
  const told = (): readonly string[] =>
    house.lines.filter((line) => line.includes("the certificate is wrong; the old one stays"));
  const count = told().length;
  write();
  const line = await until("it is told", () => told()[count], NOTICED_MS);
  const after = await Promise.all(TLS_PORTS.map((port) => shownAt(port, authority.cert)));
  demand(
    after.every(({ serial }, i) => serial === before[i]?.serial),
    "another one is shown",
  );
  return JSON.parse(line).err.message;
}

function badOnes(issuer: Certificate): readonly (readonly [string, Certificate])[] {
  const good = { name: "x", dns: [DOMAIN], issuer } as const;
  return [
    ["does not match its key", { ...certificate(good), key: certificate(good).key }],
    ["has expired", certificate({ ...good, validFrom: -9, validTo: -1 })],
    ["lacks the domain", certificate({ ...good, dns: ["other.example"] })],
  ];
}

/** Nobody sends: what is said is not what this is about. */
const SOUND: ConstructorParameters<typeof DescribedMedia>[1]["local"] = {
  origin: {
    ...{ username: "-", sessionId: "1", sessionVersion: "1" },
    ...{ netType: "IN", addressType: "IP4", address: "127.0.0.1" },
  },
  address: { addressType: "IP4", address: "127.0.0.1" },
  streams: [
    {
      ...{ media: "audio", protos: ["RTP/AVP"], port: 40_000 },
      codecs: [{ encoding: "PCMU", clockRateHz: 8000, payloadType: 0 }],
    },
  ],
};
