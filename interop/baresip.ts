/** baresip as a desk phone without a desk: its sound comes from a file and goes into files. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, SERVER, SERVER_ON_IPV6, SERVER_OVER_TLS } from "./house.ts";
import type { LanHost } from "./lan.ts";
import { type NatHost, socketInside } from "./nat.ts";
import { tone } from "./tone.ts";
import { until } from "./until.ts";
import { readWav, writeWav } from "./wav.ts";

const MODULES = "/usr/lib/baresip/modules";
const ANSWER_MS = 5_000;
const TONE_SECONDS = 30;

export interface BaresipOptions {
  readonly credentials: Credentials;
  /** Where its files go. */
  readonly folder: string;
  /** Tells it from the others: ports follow from it. */
  readonly nth: number;
  readonly toneHz: number;
  /** How it reaches the server; UDP if left out. */
  readonly transport?: "tcp" | "tls";
  /** The file with the certificate that it believes. */
  readonly believes?: string;
  /** Whom it knows: the address that its messages go to. */
  readonly contact?: string;
  /** It watches whom it knows, and publishes how it is. */
  readonly hasPresence?: boolean;
  /** It answers at once, or only rings. */
  readonly answers: boolean;
  /** Sends to where an address leads, and not everything through the house. */
  readonly isDirect?: boolean;
  /**
   * On IPv6 and nothing else; or with both, and IPv6 on the way to the server. IPv4 if left out.
   * With both it offers IPv6 for its sound, and answers what was offered.
   */
  readonly family?: "IPv6" | "both";
  /** Its one codec, as it has it: `G722/16000/1`. PCMU if left out. */
  readonly codec?: string;
  /** Where it has a flow each, `host:port`: RFC 5626. */
  readonly flows?: readonly string[];
  /** What stands behind the @ of its address; the house's if left out. */
  readonly domain?: string;
  /** It has no server: it is called at its address, and calls others at theirs. */
  readonly isAlone?: boolean;
  /** The machine that it is at, where that is not this one. */
  readonly host?: LanHost | NatHost;
  /** The house as that machine reaches it: `198.51.100.1:5060`. */
  readonly server?: string;
  /** Whom it asks for addresses of names, `host:port`. */
  readonly names?: string;
  /** It offers and takes RTP/SAVP with keys in descriptions, and nothing else. */
  readonly isEncrypted?: boolean;
  /** It offers and takes DTLS-SRTP over ICE, and nothing else. */
  readonly isDtls?: boolean;
}

/** What baresip says of itself by its control port. */
export interface BaresipEvent {
  readonly type: string;
  readonly direction?: string;
  readonly peeruri?: string;
  readonly param?: string;
}

export class Baresip {
  readonly user: string;
  readonly toneHz: number;
  /** Where it listens. */
  readonly port: number;
  /** The address to call it at without a server: `pat@192.0.2.1:5060`. */
  readonly address: string;
  /** The first and the last of the ports that its sound comes to. */
  readonly rtpPorts: readonly [number, number];
  readonly events: BaresipEvent[] = [];
  readonly #folder: string;
  readonly #child: Child;
  readonly #answers = new Map<string, (data: string) => void>();
  #socket: Duplex | undefined;
  #received: Buffer = Buffer.alloc(0);
  #commands = 0;

  private constructor(options: BaresipOptions) {
    this.user = options.credentials.user;
    this.toneHz = options.toneHz;
    this.port = portOf(options.nth);
    this.rtpPorts = rtpPortsOf(options.nth);
    this.address = `${this.user}@${hostOf(options)}:${this.port}`;
    this.#folder = join(options.folder, `baresip-${this.user}-${options.nth}`);
    mkdirSync(this.#folder);
    const file = (name: string): string => join(this.#folder, name);
    writeFileSync(file("tone.wav"), writeWav(tone(options.toneHz, TONE_SECONDS)));
    writeFileSync(file("config"), config(options, this.#folder));
    writeFileSync(file("accounts"), account(options));
    const { contact, hasPresence } = options;
    const watched = hasPresence ? ";presence=p2p" : "";
    const known = contact === undefined ? "" : `"Contact" <${contact}>${watched}\n`;
    writeFileSync(file("contacts"), known);
    // -s: every message into the log.
    const { family = "IPv4" } = options;
    const alone = { IPv4: ["-4"], IPv6: ["-6"], both: [] }[family];
    this.#child = new Child("baresip", [...alone, "-s", "-f", this.#folder], {
      log: join(options.folder, `baresip-${this.user}-${options.nth}.log`),
      ...(options.host && { enter: options.host.enter }),
    });
  }

  static async start(options: BaresipOptions): Promise<Baresip> {
    const phone = new Baresip(options);
    await phone.#child.prints("baresip is ready", ANSWER_MS);
    phone.#socket = controlOf(options);
    phone.#socket.on("data", (data: Buffer) => phone.#read(data));
    // A phone that has quit answers no more; whoever waits for it says so.
    phone.#socket.on("error", () => {});
    return phone;
  }

  get uri(): string {
    return `sip:${this.user}@${DOMAIN}`;
  }

  /** Everything it printed, its messages among it. */
  get log(): string {
    return this.#child.printed;
  }

  /** Resolves to what baresip answers, without its colours. */
  async command(command: string, params = ""): Promise<string> {
    const token = `${++this.#commands}`;
    const text = JSON.stringify({ command, params, token });
    let answer: string | undefined;
    this.#answers.set(token, (data) => {
      answer = stripVTControlCharacters(data);
    });
    this.#socket?.write(`${Buffer.byteLength(text)}:${text},`);
    return until(`${this.user} answers ${command}`, () => answer, ANSWER_MS);
  }

  /** Resolves to the first such event after the `since`th, with this `param` if one is wanted. */
  event(
    type: string,
    since: number,
    param?: string,
    withinMs: number = ANSWER_MS,
  ): Promise<BaresipEvent> {
    const isWanted = (event: BaresipEvent): boolean =>
      event.type === type && (param === undefined || event.param === param);
    const found = (): BaresipEvent | undefined => this.events.slice(since).find(isWanted);
    return until(`${this.user} says ${type}`, found, withinMs);
  }

  /** Resolves once it says that it is registered. */
  async registered(): Promise<void> {
    const ok = async (): Promise<true | undefined> =>
      /\bOK\b/.test(await this.command("reginfo")) || undefined;
    await until(`${this.user} is registered`, ok, ANSWER_MS);
  }

  /** What it has recorded so far of what it heard, a file for each call, the oldest first. */
  get heard(): readonly Float64Array[] {
    const names = readdirSync(this.#folder).filter((name) => /^dump-.*-dec\.wav$/.test(name));
    return names.sort().map((name) => readWav(readFileSync(join(this.#folder, name))));
  }

  async quit(): Promise<void> {
    this.#socket?.write('18:{"command":"quit"},');
    await this.#child.ended(ANSWER_MS);
    this.#socket?.destroy();
  }

  /** Netstrings with JSON in them: `12:{"event":1},`. */
  #read(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const colon = this.#received.indexOf(":");
      const start = colon + 1;
      const end = start + Number(this.#received.toString("latin1", 0, colon));
      if (colon < 0 || this.#received.length <= end) return;
      this.#take(JSON.parse(this.#received.toString("utf8", start, end)) as Said);
      this.#received = this.#received.subarray(end + 1);
    }
  }

  #take(said: Said): void {
    if (said.event) this.events.push({ ...said, type: said.type ?? "" });
    else if (said.token) this.#answers.get(said.token)?.(said.data ?? "");
  }
}

interface Said extends Partial<BaresipEvent> {
  readonly event?: boolean;
  readonly token?: string;
  readonly data?: string;
}

function controlOf(options: BaresipOptions): Duplex {
  const { host, nth } = options;
  const where = [controlPort(nth), hostOf(options)] as const;
  return host && "outside" in host ? socketInside(host, ...where) : connect(...where);
}

const hostOf = ({ host }: BaresipOptions): string => host?.address ?? "127.0.0.1";
const portOf = (nth: number): number => 5100 + 10 * nth;
const rtpPortsOf = (nth: number) => [20_000 + 100 * nth, 20_099 + 100 * nth] as const;
const controlPort = (nth: number): number => 4440 + nth;

function account(options: BaresipOptions): string {
  const { credentials, answers, transport, isDirect, family, codec } = options;
  const { isAlone = false, nth, flows, domain = DOMAIN } = options;
  const { user, password } = credentials;
  const way = transport ? `;transport=${transport}` : "";
  const plain = options.server ?? (family ? SERVER_ON_IPV6 : SERVER);
  const outbound = `outbound="sip:${transport === "tls" ? SERVER_OVER_TLS : plain}${way}"`;
  const params = [
    `auth_user=${user}`,
    `auth_pass=${password}`,
    ...(isDirect || isAlone || flows ? [] : [outbound]),
    ...(flows ? ["sipnat=outbound", ...flows.map((one, nth) => flowParam(one, nth, way))] : []),
    `regint=${isAlone ? 0 : 300}`,
    `answermode=${answers ? "auto" : "manual"}`,
    `audio_codecs=${codec ?? "PCMU/8000/1"}`,
    ...(options.isEncrypted && !options.isDtls ? ["mediaenc=srtp-mand"] : []),
    ...(options.isDtls ? ["mediaenc=dtls_srtp", "medianat=ice"] : []),
    `pubint=${options.hasPresence ? 600 : 0}`,
  ];
  const own = `${hostOf(options)}:${portOf(nth)}`;
  return `<sip:${user}@${isAlone ? own : isDirect ? SERVER : domain}>;${params.join(";")}\n`;
}

const flowParam = (server: string, nth: number, way: string): string =>
  `outbound${nth === 0 ? "" : nth + 1}="sip:${server}${way}"`;

function config(options: BaresipOptions, folder: string): string {
  const { nth, credentials, believes, family, codec } = options;
  const { user } = credentials;
  const port = portOf(nth);
  const opus = codec?.startsWith("opus") ? ["opus"] : [];
  const dtls = options.isDtls ? ["dtls_srtp", "ice"] : [];
  const sound = ["g711", "g722", ...opus, "srtp", ...dtls, "aubridge", "aufile", "sndfile"];
  const modules = sound.map((name) => `module ${name}.so`);
  const temporary = ["uuid", "account"].map((name) => `module_tmp ${name}.so`);
  const watching = options.hasPresence ? ["presence"] : [];
  const applications = ["contact", ...watching, "menu", "debug_cmd", "ctrl_tcp"];
  const names = options.names ? `dns_server ${options.names}\n` : "";
  return `poll_method epoll
${names}net_interface ${family === "both" ? "lo" : family ? "::1" : hostOf(options)}
sip_listen ${family === "both" ? "[fd00::1]" : family ? "[::1]" : hostOf(options)}:${port}
${believes ? `sip_cafile ${believes}\nsip_verify_server yes\n` : ""}call_local_timeout 30
call_max_calls 1
module_path ${MODULES}
${modules.join("\n")}
${temporary.join("\n")}
${applications.map((name) => `module_app ${name}.so`).join("\n")}
ctrl_tcp_listen ${hostOf(options)}:${controlPort(nth)}
audio_source aufile,${join(folder, "tone.wav")}
audio_player aubridge,${user}
audio_alert aubridge,alert-${user}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_txmode thread
${options.isDtls ? "rtcp_mux yes\n" : ""}rtp_ports ${rtpPortsOf(nth).join("-")}
snd_path ${folder}
menu_bell no
ringback_disabled yes
`;
}
