/**
 * Bad SRTP and handshakes of DTLS from strangers, at the very ports where calls are being set up:
 * CVE-2021-41105 and CVE-2023-49786 ended other servers' calls with a hundred packets, or with one.
 */
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { type Call, Phone } from "carillon/node";
import { pcmu, tone } from "carillon/rtp";
import { DtlsMedia } from "carillon-media";
import { addressOf, type Seeded } from "../durability/seed.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { folderIn, SIP, Stage } from "./stage.ts";

const PAIRS = 10;
const WAIT_MS = 20_000;
/** What a stranger sends in one go. */
const BURST = 40;
const SRTP_EACH = 10;
/** Where strangers are: at another address, and at the caller's own, at another port. */
const STRANGERS = ["127.0.0.66", "127.0.0.1"];

export async function handshakes(folder: string, report: Report, isFull: boolean): Promise<void> {
  const [calls, hellos] = isFull ? [100, 10_000] : [20, 1000];
  const name = `${SRTP_EACH * hellos} bad SRTP and ${hellos} ClientHello`;
  await report.check(`${name} while ${calls} calls are set up: all of them stay`, async () => {
    const options = { args: ["--media", "always"] };
    const stage = await Stage.open(folderIn(folder, "handshakes"), 2 * PAIRS, options);
    const callers = stage.people.slice(0, PAIRS);
    const callees = await Promise.all(stage.people.slice(PAIRS).map(answers));
    const encrypted = await Promise.all(callers.map((one) => EncryptedPhone.open(one)));
    let figure = "";
    const cost = await stage.cost(async () => {
      figure = await attacked(encrypted, callees, { calls, hellos });
    });
    await Promise.all([...callees, ...encrypted].map((one) => one.close()));
    await stage.close();
    return `${figure}; ${cost.figure}`;
  });
}

async function attacked(
  callers: readonly EncryptedPhone[],
  callees: readonly Phone<never>[],
  { calls, hellos }: { readonly calls: number; readonly hellos: number },
): Promise<string> {
  const strangers = await Promise.all(STRANGERS.map((host) => Stranger.at(host)));
  const isOver = (): boolean => talks.length === calls && sent() >= hellos;
  const sent = (): number => strangers.reduce((sum, { hellos: one }) => sum + one, 0);
  const talks: Talk[] = [];
  const spraying = strangers.map((one) =>
    one.sprayUntil(isOver, () => portsOf(callers), hellos / STRANGERS.length),
  );
  for (let nth = 0; nth < calls; nth++) {
    const [caller, callee] = [callers[nth % PAIRS], callees[nth % PAIRS]];
    if (!caller || !callee) throw new Error("there are as many as there are pairs");
    talks.push(await caller.call(callee.aor));
  }
  await Promise.all(spraying);
  // What is heard now was not ended by anything that came.
  const counts = talks.map(({ packets }) => packets);
  const stays = (nth: number): boolean => (talks[nth]?.packets ?? 0) > (counts[nth] ?? 0) + 25;
  await until(
    "every call is heard",
    () => counts.every((_, nth) => stays(nth)) || undefined,
    WAIT_MS,
  );
  const ended = talks.filter(({ hasEnded }) => hasEnded).length;
  demand(ended === 0, `${ended} of ${calls} calls ended`);
  const srtp = strangers.reduce((sum, one) => sum + one.srtp, 0);
  const back = strangers.reduce((sum, one) => sum + one.heard, 0);
  demand(back === 0, `strangers were answered ${back} times`);
  for (const one of strangers) one.close();
  return `${calls} of ${calls} calls stay, ${srtp} and ${sent()} sent, nothing came back`;
}

/** A call with encrypted media, as its caller sees it. */
interface Talk {
  packets: number;
  hasEnded: boolean;
  /** Where the house receives. */
  port: number;
}

const portsOf = (phones: readonly EncryptedPhone[]): readonly number[] =>
  phones.flatMap(({ talks }) => talks.map(({ port }) => port)).filter((port) => port > 0);

/** A phone that speaks ICE and DTLS-SRTP. */
class EncryptedPhone {
  readonly talks: Talk[] = [];
  #phone: Phone<DtlsMedia> | undefined;

  static async open(one: Seeded): Promise<EncryptedPhone> {
    const own = new EncryptedPhone();
    const media = (wanted: ConstructorParameters<typeof DtlsMedia>[0]): DtlsMedia => {
      const talk = { packets: 0, hasEnded: false, port: 0 };
      own.talks.push(talk);
      return new ToldMedia(wanted, talk);
    };
    own.#phone = await Phone.open({ ...signsIn(one), media, ...WHERE });
    await own.#phone.register();
    return own;
  }

  /** Resolves once something is heard. */
  async call(aor: string): Promise<Talk> {
    const call = this.#phone?.call(aor);
    const talk = this.talks.at(-1);
    if (!call || !talk) throw new Error("the phone is not open");
    void call.ended.then(() => {
      talk.hasEnded = true;
    });
    await call.answered;
    await until("the call is heard", () => talk.packets > 0 || undefined, WAIT_MS);
    return talk;
  }

  async close(): Promise<void> {
    await this.#phone?.close();
  }
}

class ToldMedia extends DtlsMedia {
  readonly #talk: Talk;

  constructor(wanted: ConstructorParameters<typeof DtlsMedia>[0], talk: Talk) {
    super(wanted, {
      ...{ address: SIP.host, codecs: [{ encoding: "PCMU", clockRateHz: 8000, payloadType: 0 }] },
      onagreed() {},
      onpacket() {
        talk.packets++;
      },
    });
    this.#talk = talk;
  }

  /** The stranger knows where it is before the phone does. */
  override async accept(text: string): Promise<void> {
    this.#talk.port = Number(/^m=audio (\d+)/m.exec(text)?.[1] ?? 0);
    await pause(5);
    await super.accept(text);
  }
}

async function answers(one: Seeded): Promise<Phone<never>> {
  const source = () => tone({ frequencies: [440], sampleRate: 8000 });
  const phone = await Phone.open({
    ...{ ...signsIn(one), ...WHERE },
    voice: { codecs: [pcmu], source, srtp: "off" },
  });
  await phone.register();
  void (async () => {
    for await (const call of phone.calls()) void pickUp(call);
  })();
  return phone as unknown as Phone<never>;
}

async function pickUp(call: Pick<Call, "answer">): Promise<void> {
  await call.answer({ audio: true, video: false }).catch(() => {
    // Whoever called hears of it, and counts it.
  });
}

/** Somebody at an address of their own, who knows the ports and nothing else. */
class Stranger {
  hellos = 0;
  srtp = 0;
  heard = 0;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", () => this.heard++);
    // Where nobody listens yet.
    socket.on("error", () => {});
  }

  static async at(host: string): Promise<Stranger> {
    const socket = createSocket("udp4");
    await new Promise<void>((bound) => socket.bind(0, host, bound));
    return new Stranger(socket);
  }

  async sprayUntil(
    isOver: () => boolean,
    ports: () => readonly number[],
    most: number,
  ): Promise<void> {
    while (!isOver()) {
      // The newest ones first: their handshakes are under way.
      const known = ports().slice(-4);
      for (let n = 0; n < BURST && known.length > 0 && this.hellos < most; n++) {
        this.#at(known[n % known.length] ?? 0);
      }
      await pause(10);
    }
  }

  #at(port: number): void {
    this.#socket.send(HELLO, port, SIP.host);
    this.#socket.send(ALERT, port, SIP.host);
    this.hellos++;
    for (let n = 0; n < SRTP_EACH; n++) this.#socket.send(badSrtp(), port, SIP.host);
    this.srtp += SRTP_EACH;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Looks like a packet of sound with a tag, and is authentic for nobody. */
function badSrtp(): Uint8Array {
  const packet = randomBytes(182);
  packet[0] = 0x80;
  packet[1] = 0;
  return packet;
}

/** A first ClientHello of DTLS 1.2 with one cipher suite. RFC 6347 §4.2.2 */
const HELLO = Buffer.concat([
  Buffer.from("16feff000000000000000000360100002a000000000000002afefd", "hex"),
  Buffer.alloc(32, 0x5a),
  Buffer.from("00000002c02b0100", "hex"),
]);
/** fatal, handshake_failure; in the clear, as before there are keys. RFC 5246 §7.2 */
const ALERT = Buffer.from("15fefd000000000000000000020228", "hex");

const WHERE = { server: SIP, local: { host: SIP.host, port: 0 } };
const signsIn = ({ account, token }: Seeded) => ({
  ...{ aor: addressOf(account), token: () => Promise.resolve(token) },
});
