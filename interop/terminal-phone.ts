/** `carillon phone` as a person has it: the program itself, told what to do through its socket. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN } from "./house.ts";
import type { LanHost } from "./lan.ts";
import { until } from "./until.ts";
import { readWav, rightOf } from "./wav.ts";

const PROGRAM = join(import.meta.dirname, "../packages/server/src/main.ts");
const WAIT_MS = 8000;

export interface TerminalPhoneOptions {
  readonly folder: string;
  readonly name: string;
  /** Undefined: a phone without a server. */
  readonly credentials?: Credentials;
  /** Its address, where that is not the one of its credentials in the house. */
  readonly aor?: string;
  /** `sip:127.0.0.1:5060;transport=tcp` */
  readonly server?: string;
  /** The certificate that it believes. */
  readonly believes?: string;
  /** What it says: a file. */
  readonly play: string;
  readonly more?: readonly string[];
  /** The machine that it is at, where that is not this one. */
  readonly host?: LanHost;
}

/** What it tells, as far as somebody here reads it. */
export interface Told {
  readonly event?: string;
  readonly state?: string;
  readonly call?: number;
  readonly peer?: string;
  readonly held?: string;
  readonly tone?: string;
  readonly text?: string;
  readonly name?: string;
  readonly uri?: string;
  readonly codec?: string;
  readonly mos?: number;
  readonly lossPercent?: number;
  readonly end?: { readonly code: string; readonly by: string; readonly status?: number };
}

interface Reply {
  readonly reply: number;
  readonly ok: boolean;
  readonly call?: number;
  readonly list?: readonly Told[];
  readonly error?: { readonly code: string; readonly message: string };
}

export class TerminalPhone {
  readonly told: Told[] = [];
  readonly uri: string;
  readonly name: string;
  readonly #child: Child;
  readonly #recording: string;
  readonly #control: string;
  readonly #replies = new Map<number, Reply>();
  #socket: Socket | undefined;
  #rest = "";
  #orders = 0;

  private constructor({ folder, name, credentials, ...options }: TerminalPhoneOptions) {
    const own = join(folder, `terminal-${name}`);
    mkdirSync(own);
    this.name = name;
    this.#recording = join(own, "call.wav");
    // A socket's path has 107 octets at most, and the folder of a story may have as many.
    const short = mkdtempSync(join(tmpdir(), "phone-"));
    process.once("exit", () => rmSync(short, { recursive: true, force: true }));
    this.#control = join(short, "control");
    const { server, play, more = [], believes, host, aor } = options;
    this.uri = credentials ? (aor ?? `sip:${credentials.user}@${DOMAIN}`) : "";
    const args = [
      ...["phone", ...(credentials ? [this.uri] : ["--user", name])],
      ...(server === undefined ? [] : ["--server", server]),
      ...(believes === undefined ? [] : ["--ca", believes]),
      ...["--play", play, "--record", this.#recording, "--control", this.#control, ...more],
    ];
    this.#child = new Child(process.execPath, [PROGRAM, ...args], {
      log: join(folder, `terminal-${name}.log`),
      env: credentials ? { CARILLON_PASSWORD: credentials.password } : {},
      ...(host && { enter: host.enter }),
    });
  }

  static async start(options: TerminalPhoneOptions): Promise<TerminalPhone> {
    const phone = new TerminalPhone(options);
    await phone.#child.prints("This phone is at", WAIT_MS);
    phone.#socket = connect(phone.#control).setEncoding("utf8");
    phone.#socket.on("data", (piece: string) => phone.#read(piece)).on("error", () => {});
    if (options.server !== undefined) {
      await phone.#child.prints("Signed in", WAIT_MS);
    }
    return phone;
  }

  /** Where it said that it is, at one of its addresses: `una@192.0.2.1:5060`. */
  addressAt({ address }: LanHost): string {
    const said = this.#child.printed.split(/\s+/);
    const uri = said.find((word) => word.includes(`@${address}:`));
    // It may be the last word of its sentence.
    return uri?.replace(/^sip:|\.$/g, "") ?? "";
  }

  /** Has it done, and rejects with its words if it cannot be. */
  async order(...words: readonly string[]): Promise<Reply> {
    const id = ++this.#orders;
    this.#socket?.write(`${JSON.stringify({ id, do: words })}\n`);
    const reply = await until(`${words[0]} is answered`, () => this.#replies.get(id), WAIT_MS);
    if (reply.error) throw new Error(`${words.join(" ")}: ${reply.error.message}`);
    return reply;
  }

  /** Resolves to the first thing like this that it tells after the `since`th. */
  hears(like: Told, since = 0): Promise<Told> {
    const fits = (one: Told): boolean =>
      Object.entries(like).every(([key, value]) => one[key as keyof Told] === value);
    const found = () => this.told.slice(since).find(fits);
    return until(`${this.uri || "the phone"} tells ${JSON.stringify(like)}`, found, WAIT_MS);
  }

  /** What the others said, of everything that was recorded. */
  get heard(): Float64Array {
    return readWav(rightOf(readFileSync(this.#recording)));
  }

  async quit(): Promise<number> {
    this.#socket?.write("quit\n");
    const code = await this.#child.ended(WAIT_MS);
    this.#socket?.destroy();
    return code;
  }

  #read(piece: string): void {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const said = JSON.parse(line) as Told & Partial<Reply>;
      if (said.reply === undefined) this.told.push(said);
      else this.#replies.set(said.reply, said as Reply);
    }
  }
}
