/** The real program, in a folder of its own, as somebody starts it at a terminal. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { certificate } from "carillon/testing";
import { Child } from "./child.ts";
import { until } from "./until.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = "packages/server/src/main.ts";
const START_MS = 15_000;
const STOP_MS = 5_000;
/** Both limits of the system: the program would raise the soft one to the hard one. */
const WITH_LIMIT = 'ulimit -n "$0" && exec "$@"';

export const DOMAIN = "house.example";
/** The namespace is ours alone, so the usual port is free; sipsak cuts five digits off to four. */
export const SERVER = "127.0.0.1:5060";
export const SERVER_OVER_TLS = "127.0.0.1:5061";
/** Of a house at every address. */
export const SERVER_ON_IPV6 = "[::1]:5060";
export const SERVER_ADDRESS = { host: "127.0.0.1", port: 5060 };

/** What a desk phone has to know. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

type OneEach<Names extends readonly string[]> = { readonly [At in keyof Names]: Credentials };

export interface HouseOptions {
  /** Files and sockets that it may have open; as many as the machine allows if left out. */
  readonly openFiles?: number;
  /** As docs/configuration.md has it. */
  readonly config?: object;
  /** How much it writes to its log. */
  readonly log?: "debug" | "info";
  /** Where it listens: 127.0.0.1 if left out, `::` for every address. */
  readonly host?: string;
  /** False: no file with a certificate is given to it. */
  readonly certificate?: boolean;
  /** `house.example` if left out. */
  readonly domain?: string;
  /** More of the command line. */
  readonly args?: readonly string[];
}

/** What `carillon status` says, as far as somebody here reads it. */
export interface HouseStatus {
  readonly people: { readonly known: number; readonly online: number };
  readonly connections: number;
  readonly transactions: { readonly servers: number; readonly clients: number };
  /** Calls through the media engine. */
  readonly bridge: { readonly calls: number };
  /** Legs of calls that lead out of the house. */
  readonly outgoing: { readonly outside: number };
  /** What is shown over TLS. */
  readonly certificate: {
    readonly origin: string;
    readonly issuer: string;
    readonly validUntil: string;
    readonly renewedAt?: string;
    readonly trouble?: { readonly what: string; readonly cure: string };
  };
  /** How often strangers were kept at bay since the start, and bans that hold. */
  readonly protection: { readonly wrong: number; readonly bans: number };
  readonly memoryMb: number;
  /** How late the loop was since it was last asked. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** As far as it computed itself at one go, and did not wait for the processor. */
  readonly ownDelayMs: {
    readonly p999: number;
    readonly max: number;
    /** How often it was looked at, and how often it was over 50 ms. */
    readonly looks: number;
    readonly long: number;
  };
}

export class House {
  readonly log: string;
  /** The file with its certificate, which it signed itself. */
  readonly certificate: string;
  readonly #data: string;
  readonly #config: string;
  readonly #domain: string;
  readonly #child: Child;

  private constructor(folder: string, options: HouseOptions) {
    this.#domain = options.domain ?? DOMAIN;
    const { openFiles, log = "debug", config = {}, host = "127.0.0.1", args: more = [] } = options;
    this.log = join(folder, "server.log");
    this.#data = join(folder, "data");
    this.#config = join(folder, "carillon.config.json");
    writeFileSync(this.#config, JSON.stringify(config));
    const at = ["--host", host, "--port", "8080", "--sip-port", "5060"];
    this.certificate = join(folder, "cert.pem");
    const key = join(folder, "key.pem");
    const shown = certificate({ name: DOMAIN, dns: [DOMAIN], ips: ["127.0.0.1"] });
    writeFileSync(this.certificate, shown.cert);
    writeFileSync(key, shown.key);
    at.push("--tls-port", "5061");
    if (options.certificate !== false) at.push("--tls-cert", this.certificate, "--tls-key", key);
    at.push("--config", this.#config);
    const own = [process.execPath, PROGRAM, "serve", ...this.#options, ...at, ...more];
    const under = openFiles === undefined ? [] : ["sh", "-c", WITH_LIMIT, String(openFiles)];
    const [command = "", ...args] = [...under, ...own];
    const env = { CARILLON_LOG: log };
    this.#child = new Child(command, args, { log: this.log, cwd: ROOT, env });
  }

  static async start(folder: string, options: HouseOptions = {}): Promise<House> {
    mkdirSync(folder, { recursive: true });
    const house = new House(folder, options);
    await house.#child.prints("Stop with Ctrl+C", START_MS);
    return house;
  }

  /** Another configuration, from now on; the certificates are what it reads last. */
  async configure(config: object): Promise<void> {
    const read = (): number => this.#child.printed.split("certificates were read again").length;
    const before = read();
    writeFileSync(this.#config, JSON.stringify(config));
    process.kill(this.#child.pid, "SIGHUP");
    await until("the configuration is read", () => read() > before || undefined, STOP_MS);
  }

  /** While the server runs, as an owner would; it knows them from then on. */
  async addDeskPhones<Names extends readonly string[]>(names: Names): Promise<OneEach<Names>> {
    const all: Credentials[] = [];
    for (const name of names) all.push(await this.addDeskPhone(name));
    return all as OneEach<Names>;
  }

  /** One for somebody new, or one more for somebody who lives here already. */
  async addDeskPhone(name: string): Promise<Credentials> {
    const args = [PROGRAM, "user", "add", name, "--desk-phone", ...this.#options];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: ROOT,
      timeout: START_MS,
    });
    const user = /^ *User name +(\S+)$/m.exec(stdout)?.[1];
    const password = /^ *Password +(\S+)$/m.exec(stdout)?.[1];
    if (!user || !password) throw new Error(`no user name and password in: ${stdout}`);
    return { user, password };
  }

  /** `1000 × 200, caller`: how many records of calls to this person have which end. */
  recordsOfCallsTo(callee: string): readonly string[] {
    const db = new DatabaseSync(join(this.#data, "carillon.sqlite"), { readOnly: true });
    const select = `SELECT count(*) AS calls, status, ended_by AS endedBy FROM call
      WHERE callee = ? AND ended_at IS NOT NULL
      GROUP BY status, ended_by ORDER BY status, ended_by`;
    const rows = db.prepare(select).all(callee) as unknown as readonly {
      readonly calls: number;
      readonly status: number;
      readonly endedBy: string | null;
    }[];
    db.close();
    return rows.map(({ calls, status, endedBy }) => `${calls} × ${status}, ${endedBy ?? "nobody"}`);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The link that it printed at its start: whoever opens it can join. */
  get invite(): string {
    const link = /http:\/\/\S+\/join\/\S+/.exec(this.#child.printed)?.[0];
    if (link === undefined) throw new Error("no invite link was printed");
    return link;
  }

  /** Resident memory in MB, as the system counts it; NaN once it has ended, whyever. */
  get residentMb(): number {
    const path = `/proc/${this.pid}/status`;
    if (this.#child.hasEnded || !existsSync(path)) return Number.NaN;
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(path, "utf8")) ?? [];
    return Number(kilobytes) / 1024;
  }

  /** What it says of itself, to an operator. */
  async status(): Promise<HouseStatus> {
    return JSON.parse(await this.carillon("status", "--json"));
  }

  /** What the command line prints, for this house. Throws where it does not exit with 0. */
  async carillon(...words: readonly string[]): Promise<string> {
    const args = [PROGRAM, ...words, ...this.#options];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: ROOT,
      timeout: START_MS,
    });
    return stdout;
  }

  /** Of its log. */
  get lines(): readonly string[] {
    return readFileSync(this.log, "utf8").split("\n");
  }

  /** Lines of its log that tell of a fault of its own. */
  get faults(): readonly string[] {
    return this.lines.filter(
      (line) => /"level":[56]0\b/.test(line) || /^\s+at .*:\d+:\d+/.test(line),
    );
  }

  /** Resolves to the exit code. */
  stop(): Promise<number> {
    return this.#child.stop(STOP_MS);
  }

  get hasEnded(): boolean {
    return this.#child.hasEnded;
  }

  /** At once, and without a word to anybody. */
  async kill(): Promise<void> {
    await this.#child.kill();
  }

  get #options(): readonly string[] {
    return ["--data", this.#data, "--domain", this.#domain];
  }
}
