/** Whom our client believes over TLS: certificates made by openssl, shown by Node's server. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { createEndpoint, type Endpoint } from "carillon/endpoint";
import { dialler, nodeCrypto, run, type TlsCredentials } from "carillon/node";
import { demand, type Report } from "../interop/report.ts";
import { until } from "../interop/until.ts";
import { Authority, RSA_1024, type Shown } from "./openssl.ts";
import { folderIn } from "./stage.ts";

const NAME = "house.example";
const HOST = "127.0.0.1";
const WITHIN_MS = 15_000;

/** What became of a dial: the number of its connection, or why there is none. */
type Outcome = { readonly connection: number } | { readonly refused: string };

/** Our side: an endpoint that opens connections, as the program's does. */
class Caller {
  readonly endpoint: Endpoint;
  readonly #runner: ReturnType<typeof run>;
  readonly #outcomes = new Map<number, Outcome>();

  constructor(believed: TlsCredentials) {
    const nothing = (): void => {};
    const role = {
      ...{ attach: nothing, request: nothing, ack: nothing },
      opened: ({ connection }: { connection: number }, dial: number | undefined) =>
        void this.#outcomes.set(dial ?? 0, { connection }),
      notOpened: (dial: number, cause: unknown) =>
        void this.#outcomes.set(dial, { refused: String(cause) }),
    };
    this.endpoint = createEndpoint({ role, crypto: nodeCrypto() });
    this.#runner = run(this.endpoint, { dialler: dialler({ tls: () => believed }) });
  }

  /** Opens a connection to whoever is at this port, as to this name. */
  async dial(port: number, name = NAME): Promise<Outcome> {
    let dial = 0;
    this.#runner.call(() => {
      dial = this.endpoint.open({ transport: "TLS", remote: { host: HOST, port }, name });
    });
    const outcome = () => this.#outcomes.get(dial);
    return until(`what becomes of a connection to ${name}`, outcome, WITHIN_MS);
  }

  /** The connection that a request to this name takes. */
  async reach(port: number, name: string): Promise<number> {
    let connection: number | undefined;
    this.#runner.call(() => {
      const target = { transport: "TLS", address: { host: HOST, port }, name } as const;
      connection = this.endpoint.reach(target)?.connection;
    });
    const flow = () => connection !== undefined && this.endpoint.connection(connection);
    await until(`a connection to ${name} opens`, () => flow() || undefined, WITHIN_MS);
    return connection ?? 0;
  }

  close(): void {
    this.#runner.close();
  }
}

/** Shows it to everybody: what no server of ours would start with, this one takes. */
async function show(shown: Shown): Promise<Server> {
  const server = createServer({ ...shown, ciphers: "DEFAULT@SECLEVEL=0" });
  server.on("tlsClientError", () => {});
  server.on("secureConnection", (socket) => socket.on("error", () => {}).resume());
  server.listen(0, HOST);
  await once(server, "listening");
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export async function certificates(folder: string, report: Report): Promise<void> {
  const own = folderIn(folder, "certificates");
  const authority = await Authority.found(folderIn(own, "known"), "an authority");
  await report.check("bad certificates made by openssl: all refused, and a good one is not", () =>
    areRefused(own, authority),
  );
  await report.check("a certificate that its authority took back: refused", () =>
    isTakenBack(authority),
  );
  await report.check("two names at one address and port never share a connection", () =>
    areApart(authority),
  );
}

async function areRefused(folder: string, authority: Authority): Promise<string> {
  const caller = new Caller({ ca: authority.cert });
  const reasons: string[] = [];
  for (const [what, shown] of Object.entries(await badOnes(folder, authority))) {
    const server = await show(shown);
    const outcome = await caller.dial(portOf(server));
    server.close();
    if (!("refused" in outcome)) throw new Error(`one that ${what} was believed`);
    reasons.push(`${what}: ${outcome.refused}`);
  }
  const server = await show(
    await authority.sign({ cn: "x", extensions: [san(`URI:sip:${NAME}`)] }),
  );
  const good = await caller.dial(portOf(server));
  demand(!("refused" in good), `the good one was refused: ${JSON.stringify(good)}`);
  caller.close();
  server.close();
  const other = reasons.filter((reason) => !/certificate|signature|CA|issuer|ee key/i.test(reason));
  demand(other.length === 0, `refused for another reason: ${other.join(", ")}`);
  return `${reasons.length} of ${reasons.length} refused, 1 of 1 believed`;
}

/** Believed until its authority's list says otherwise; and another one is believed by that list. */
async function isTakenBack(authority: Authority): Promise<string> {
  const wish = { cn: "x", extensions: [san(`URI:sip:${NAME}`)] };
  const [one, other] = [await authority.sign(wish), await authority.sign(wish)];
  const ca = authority.cert;
  const before = { ca, crl: await authority.revocationList() };
  await authority.revoke(one);
  const after = { ca, crl: await authority.revocationList() };
  const outcomes: Outcome[] = [];
  for (const [shown, believed] of [
    [one, before],
    [one, after],
    [other, after],
  ] as const) {
    const [server, caller] = [await show(shown), new Caller(believed)];
    outcomes.push(await caller.dial(portOf(server)));
    caller.close();
    server.close();
  }
  const [early, late, another] = outcomes.map((one) => ("refused" in one ? one.refused : "taken"));
  const figure = `before: ${early}; after: ${late}; another one: ${another}`;
  demand(early === "taken" && another === "taken" && /revoked/.test(late ?? ""), figure);
  return figure;
}

const san = (...names: readonly string[]): string => `subjectAltName=${names.join(",")}`;

async function badOnes(folder: string, authority: Authority): Promise<Record<string, Shown>> {
  const right = san(`URI:sip:${NAME}`, `DNS:${NAME}`);
  const other = await Authority.found(folderIn(folder, "other"), "another authority");
  const sameName = await Authority.found(folderIn(folder, "same-name"), "an authority");
  const cn = NAME;
  const good = { cn, extensions: [right] };
  return {
    "has expired": await authority.sign({ ...good, validFrom: -9, validTo: -1 }),
    "is not valid yet": await authority.sign({ ...good, validFrom: 1 }),
    "signed itself": await authority.sign(good, true),
    "another authority signed": await other.sign(good),
    "an authority with the same name signed": await sameName.sign(good),
    "names somebody else": await authority.sign({ cn, extensions: [san("DNS:other.example")] }),
    "names it as CN only": await authority.sign({ cn }),
    "has a wildcard": await authority.sign({ cn, extensions: [san("DNS:*.example")] }),
    "names a user there": await authority.sign({ cn, extensions: [san(`URI:sip:a@${NAME}`)] }),
    "names it in another scheme": await authority.sign({
      ...{ cn, extensions: [san(`URI:https://${NAME}/`, `email:${NAME}@other.example`)] },
    }),
    "is for mail": await authority.sign({
      ...{ cn, extensions: [right, "extendedKeyUsage=emailProtection"] },
    }),
    "has a weak key": await authority.sign({ ...good, key: RSA_1024 }),
    "is signed with SHA-1": await authority.sign({ ...good, hash: "sha1" }),
    "has a NUL behind the name": await authority.sign({ cn, extensions: [nulAfter(NAME)] }),
  };
}

/** openssl's own form of names cannot hold a NUL; DER can. A dNSName: context tag 2. */
function nulAfter(name: string): string {
  const value = Buffer.from(`${name}\0.evil.example`, "latin1");
  const names = Buffer.concat([Buffer.from([0x82, value.length]), value]);
  const der = Buffer.concat([Buffer.from([0x30, names.length]), names]);
  return `subjectAltName=DER:${der.toString("hex")}`;
}

/** Each name has its own certificate, and the server shows the one that was asked for. */
async function areApart(authority: Authority): Promise<string> {
  const names = [NAME, "other.example"] as const;
  // One after the other: an authority has one book.
  const one = await authority.sign({ cn: "x", extensions: [san(`DNS:${names[0]}`)] });
  const two = await authority.sign({ cn: "x", extensions: [san(`DNS:${names[1]}`)] });
  const server = await show(one);
  for (const [i, shown] of [one, two].entries()) server.addContext(names[i] ?? "", shown);
  let handshakes = 0;
  server.on("secureConnection", () => handshakes++);
  const caller = new Caller({ ca: authority.cert });
  const port = portOf(server);
  const first = await caller.reach(port, names[0]);
  const again = await caller.reach(port, names[0]);
  const second = await caller.reach(port, names[1]);
  await until("two handshakes", () => handshakes >= 2 || undefined, WITHIN_MS);
  demand(first === again, "the same name does not use its connection again");
  demand(first !== second, `${names.join(" and ")} share a connection`);
  caller.close();
  server.close();
  return `${handshakes} connections for ${names.length} names`;
}
