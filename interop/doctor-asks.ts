/**
 * `carillon doctor` on a house that is well, and on a dozen that are not: each is named, with its
 * cure. Names come from dnsmasq, the time from chrony, where we are seen from coturn.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Certificate, type CertificateOptions, certificate } from "carillon/testing";
import { Child } from "./child.ts";
import { Coturn } from "./coturn.ts";
import { DOMAIN, House } from "./house.ts";
import { Nat } from "./nat.ts";
import { demand, type Report } from "./report.ts";
import { VethPair } from "./veth-pair.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = "packages/server/src/main.ts";
const HERE = VethPair.address;
const STUN_PORT = 3479;
const TIME = "127.0.0.1:12300";
const DNS = "127.0.0.1:5353";
const START_MS = 5000;

/** As `carillon doctor --json` has it. */
interface Diagnosis {
  readonly isWell: boolean;
  readonly findings: readonly {
    readonly check: string;
    readonly state: string;
    readonly words: string;
    readonly cure?: string;
    readonly paste?: readonly string[];
  }[];
}

/** What is broken, and what has to be said of it. */
interface Broken {
  readonly name: string;
  readonly check: string;
  readonly words: RegExp;
  /** In the cure, or in the lines to paste. */
  readonly cure: RegExp;
  readonly records?: readonly string[];
  readonly config?: object;
  /** Of the doctor's command line, in place of what is usual. */
  readonly args?: readonly string[];
  /** Before the command. */
  readonly under?: readonly string[];
  /** Is done first; what it gives back undoes it. */
  readonly break?: () => Promise<() => unknown> | (() => unknown);
}

const address = (host: string): string => `--host-record=${DOMAIN},${host}`;
const srv = (service: string, port: number): string =>
  `--srv-host=${service}.${DOMAIN},${DOMAIN},${port},10,100`;
const UDP = srv("_sip._udp", 5060);
const TCP = srv("_sip._tcp", 5060);
const TLS = srv("_sips._tcp", 5061);
const GOOD_RECORDS = [address(HERE), UDP, TCP, TLS];

export async function doctorAsks(folder: string, report: Report): Promise<void> {
  const own = join(folder, "doctor");
  mkdirSync(own);
  const wire = VethPair.make();
  const stage = await Stage.open(own);
  try {
    await report.check("doctor: a house that is well", async () => {
      const { isWell, findings } = await stage.ask({});
      const odd = findings.filter(({ state }) => state !== "fine");
      const said = odd.map(({ check, words }) => `${check}: ${words}`).join(" ");
      demand(isWell && odd.length === 0, `it says: ${said}`);
      return `${findings.length} things looked at`;
    });
    for (const one of BROKEN) {
      await report.check(`doctor: ${one.name}`, async () => said(await stage.broken(one), one));
    }
    for (const one of certificates(stage.authority)) {
      await report.check(`doctor: ${one.name}`, async () => said(await stage.shows(one), one));
    }
    await stage.stopHouse();
    for (const one of STOPPED) {
      await report.check(`doctor: ${one.name}`, async () => said(await stage.broken(one), one));
    }
  } finally {
    await stage.close();
    wire.remove();
  }
  await report.check("doctor: behind a NAT that nobody told the house of", () => behindNat(own));
}

function said({ isWell, findings }: Diagnosis, { check, words, cure }: Broken): string {
  demand(!isWell, "it says that all is well");
  const wrong = findings.filter(({ state }) => state === "wrong");
  const found = wrong.find((one) => one.check === check && words.test(one.words));
  const all = wrong.map((one) => `${one.check}: ${one.words}`).join(" ");
  demand(found !== undefined, `it says: ${all}`);
  const cures = [found.cure ?? "", ...(found.paste ?? [])].join("\n");
  demand(cure.test(cures), `its cure is: ${cures}`);
  return found.words;
}

const BROKEN: readonly Broken[] = [
  {
    name: "an address that is not of this machine",
    ...{ args: ["--host", "192.0.2.77"], check: "addresses" },
    ...{ words: /192\.0\.2\.77, which is not an address of this machine/, cure: /192\.0\.2\.1/ },
  },
  {
    name: "a port that a firewall closes",
    break: () => {
      nft("add table inet closed");
      nft("add chain inet closed in { type filter hook input priority 0; }");
      nft("add rule inet closed in tcp dport 5061 drop");
      return () => nft("delete table inet closed");
    },
    ...{ check: "ports", words: /TCP port 5061 \(SIP over TLS\) does not answer/, cure: /accept/ },
  },
  {
    name: "no SRV records",
    ...{ records: [address(HERE)], check: "dns", words: /no SRV record _sip\._udp/ },
    cure: /_sips\._tcp\.house\.example\. 3600 IN SRV 10 100 5061 house\.example\./,
  },
  {
    name: "an SRV record with another port",
    ...{ records: [address(HERE), srv("_sip._udp", 5070), TCP, TLS], check: "dns" },
    ...{ words: /leads to port 5070/, cure: /IN SRV 10 100 5060/ },
  },
  {
    name: "a name that leads elsewhere",
    ...{ records: [address("203.0.113.5"), UDP, TCP, TLS], check: "dns" },
    ...{ words: /leads to 203\.0\.113\.5/, cure: /house\.example\. 3600 IN A 192\.0\.2\.1/ },
  },
  {
    name: "a name without an address",
    ...{
      records: [UDP, TCP, TLS],
      check: "dns",
      words: /has no address/,
      cure: /IN A 192\.0\.2\.1/,
    },
  },
  {
    name: "a clock that is three hours behind",
    ...{
      under: ["faketime", "-f", "-3h"],
      check: "clock",
      words: /3 hours behind|180 minutes behind/,
    },
    cure: /timedatectl set-ntp true/,
  },
  {
    name: "another address told to others than the one it has",
    config: { addresses: { public: ["203.0.113.9"] } },
    ...{ check: "nat", words: /at 203\.0\.113\.9, but it is seen from outside at 192\.0\.2/ },
    cure: /public: \["192\.0\.2/,
  },
  {
    name: "a mistake in the configuration",
    ...{ config: { domians: ["a.example"] }, check: "configuration" },
    ...{ words: /there is no setting domians/, cure: /Correct the file/ },
  },
  {
    name: "a folder that is a file",
    ...{ args: ["--data", "package.json"], check: "folder", words: /is a file/, cure: /--data/ },
  },
];

/** With no server running. */
const STOPPED: readonly Broken[] = [
  {
    name: "a port that another program has",
    break: () => {
      const server = createServer().listen({ host: HERE, port: 5060 });
      return new Promise((ready) =>
        server.once("listening", () => ready(() => void server.close())),
      );
    },
    ...{ check: "ports", words: /TCP port 5060 \(SIP\) is already used/, cure: /--sip-port 5070/ },
  },
];

interface BadCertificate extends Broken {
  readonly shown: Certificate;
}

function certificates(issuer: Certificate): readonly BadCertificate[] {
  const made = (options: Partial<CertificateOptions>): Certificate =>
    certificate({ ...{ name: DOMAIN, dns: [DOMAIN], issuer }, ...options });
  return [
    {
      name: "a certificate that has ended",
      shown: made({ validFrom: -40, validTo: -3 }),
      ...{ check: "certificate", words: /ended 3 days ago/, cure: /Put a new one/ },
    },
    {
      name: "a certificate for another name",
      shown: made({ name: "other.example", dns: ["other.example"] }),
      ...{ check: "certificate", words: /for DNS:other\.example, and not for house\.example/ },
      cure: /with house\.example among its names/,
    },
    {
      name: "a certificate of somebody unknown",
      shown: certificate({
        ...{ name: DOMAIN, dns: [DOMAIN] },
        issuer: certificate({ name: "Nobody", isAuthority: true }),
      }),
      ...{ check: "certificate", words: /do not believe the certificate/, cure: /fullchain/ },
    },
  ];
}

interface Running {
  readonly house: House;
  readonly data: string;
}

class Stage {
  readonly authority: Certificate;
  readonly #folder: string;
  readonly #children: readonly Child[];
  readonly #coturn: Coturn;
  #running: Running | undefined;
  #count = 0;

  private constructor(parts: Parts) {
    this.#folder = parts.folder;
    this.authority = parts.authority;
    this.#children = parts.children;
    this.#coturn = parts.coturn;
    this.#running = parts.running;
  }

  static async open(folder: string): Promise<Stage> {
    const authority = certificate({ name: "Authority", isAuthority: true });
    writeFileSync(join(folder, "authority.pem"), authority.cert);
    const shown = certificate({ name: DOMAIN, dns: [DOMAIN], issuer: authority });
    const coturn = await Coturn.start(folder, { address: HERE, port: STUN_PORT, secret: "north" });
    const children = [await startChrony(folder)];
    const running = await startHouse(join(folder, "house"), shown);
    return new Stage({ folder, authority, children, coturn, running });
  }

  /** What the doctor says of a house that is broken so, for as long as that lasts. */
  async broken(one: Broken): Promise<Diagnosis> {
    const undo = await one.break?.();
    try {
      return await this.ask(one);
    } finally {
      await undo?.();
    }
  }

  /** The same of one that shows this certificate. */
  async shows(one: BadCertificate): Promise<Diagnosis> {
    await this.stopHouse();
    this.#running = await startHouse(join(this.#folder, `house-${++this.#count}`), one.shown);
    return this.ask(one);
  }

  async ask(one: Pick<Broken, "records" | "config" | "args" | "under">): Promise<Diagnosis> {
    const nth = ++this.#count;
    const names = await startNames(join(this.#folder, `names-${nth}`), one.records ?? GOOD_RECORDS);
    const config = join(this.#folder, `config-${nth}.json`);
    writeFileSync(config, JSON.stringify({ dns: [DNS], ...one.config }));
    const data = this.#running?.data ?? join(this.#folder, "nobody");
    try {
      return await askDoctor({
        under: one.under ?? [],
        args: [
          ...["--data", data, "--domain", DOMAIN, "--host", HERE, "--config", config],
          ...["--stun", `${HERE}:${STUN_PORT}`, "--time", TIME, ...(one.args ?? [])],
        ],
        authority: join(this.#folder, "authority.pem"),
      });
    } finally {
      await names.stop(START_MS);
    }
  }

  async stopHouse(): Promise<void> {
    await this.#running?.house.stop();
    this.#running = undefined;
  }

  async close(): Promise<void> {
    await this.stopHouse();
    await this.#coturn.stop();
    for (const child of this.#children) await child.stop(START_MS);
  }
}

interface Parts {
  readonly folder: string;
  readonly authority: Certificate;
  readonly children: readonly Child[];
  readonly coturn: Coturn;
  readonly running: Running;
}

async function startHouse(folder: string, shown: Certificate): Promise<Running> {
  mkdirSync(folder);
  const [cert, key] = [join(folder, "shown.pem"), join(folder, "shown-key.pem")];
  writeFileSync(cert, shown.cert);
  writeFileSync(key, shown.key);
  const args = ["--tls-cert", cert, "--tls-key", key];
  return { house: await House.start(folder, { host: HERE, args }), data: join(folder, "data") };
}

async function startNames(log: string, records: readonly string[]): Promise<Child> {
  const child = new Child(
    "dnsmasq",
    [
      ...["--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--pid-file="],
      ...["--user=root", "--group=root", "--no-resolv", "--no-hosts", "--no-daemon"],
      ...["--port=5353", "--listen-address=127.0.0.1", "--bind-interfaces"],
      ...[...records, `--local=/${DOMAIN}/`],
    ],
    { log },
  );
  await child.prints("started, version", START_MS);
  return child;
}

/** A clock that is right, for whoever asks; it leaves the machine's own alone. */
async function startChrony(folder: string): Promise<Child> {
  const conf = join(folder, "chrony.conf");
  writeFileSync(
    conf,
    [
      ...["local stratum 1", "allow 127.0.0.1", "bindaddress 127.0.0.1", "port 12300"],
      ...["cmdport 0", `pidfile ${join(folder, "chrony.pid")}`, "bindcmdaddress /", ""],
    ].join("\n"),
  );
  const child = new Child("chronyd", ["-x", "-d", "-u", "root", "-f", conf], {
    log: join(folder, "chrony.log"),
  });
  await child.prints("chronyd version", START_MS);
  return child;
}

interface Question {
  readonly under: readonly string[];
  readonly args: readonly string[];
  readonly authority?: string;
}

function askDoctor({ under, args, authority }: Question): Promise<Diagnosis> {
  const [command = "", ...words] = [
    ...under,
    process.execPath,
    PROGRAM,
    "doctor",
    "--json",
    ...args,
  ];
  const env = { ...process.env, ...(authority && { NODE_EXTRA_CA_CERTS: authority }) };
  return new Promise((resolve, reject) => {
    execFile(command, words, { cwd: ROOT, timeout: 40_000, env }, (error, stdout, stderr) => {
      // It exits with 1 where something is in the way.
      if (stdout.startsWith("{")) resolve(JSON.parse(stdout));
      else reject(error ?? new Error(stderr));
    });
  });
}

/** A machine of a household, whose router has the only address that others see. */
async function behindNat(above: string): Promise<string> {
  const folder = join(above, "nat");
  mkdirSync(folder);
  const nat = Nat.make(folder);
  const inside = await nat.behind();
  const at = { address: Nat.address, port: STUN_PORT, secret: "north" };
  const coturn = await Coturn.start(folder, at);
  try {
    const diagnosis = await askDoctor({
      under: inside.enter,
      args: [
        ...["--data", join(folder, "house"), "--domain", "10.1.0.2", "--host", inside.address],
        ...["--stun", `${Nat.address}:${STUN_PORT}`, "--time", "off"],
      ],
    });
    return said(diagnosis, {
      ...{ name: "NAT", check: "nat", words: new RegExp(`seen from outside at ${inside.outside}`) },
      cure: new RegExp(`public: \\["${inside.outside}"\\]`),
    });
  } finally {
    await coturn.stop();
    await nat.remove();
  }
}

function nft(words: string): void {
  execFileSync("nft", words.split(" "), { stdio: "pipe" });
}
