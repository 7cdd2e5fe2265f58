/** A phone whose server you are: you see each message it sends, and say what comes back. */
import { portableCrypto } from "../auth/portable-crypto.ts";
import type { Octets } from "../grammar/octets.ts";
import { header, headerLines } from "../message/headers.ts";
import { type Message, parseMessage, type Request } from "../message/message.ts";
import type { MediaSession } from "../ua/media.ts";
import { Phone, type PhoneOptions } from "../ua/phone.ts";
import { trickles } from "../ua/trickle.ts";
import { type WholePhoneOptions, wholePhone } from "../ua/whole-phone.ts";
import type { Address } from "../uri/host.ts";
import { seeded, seededBytes } from "./random.ts";
import { silentMedia } from "./silent-media.ts";
import { Wire } from "./wire.ts";

export interface LonePhone {
  readonly phone: Phone;
  readonly wire: Wire;
  readonly server: Address;
  /** Whether the phone has stopped its endpoint. */
  readonly isStopped: () => boolean;
  /** What it has sent since the last look. */
  sent(): readonly Octets[];
  /** The same, as requests, of this method. */
  requests(method: string): readonly Request[];
  /** Says this to the phone, from its server; then promises have their turn. */
  say(octets: Octets): Promise<void>;
  wait(ms: number): Promise<void>;
  /** Registers it, without a challenge. */
  register(): Promise<void>;
}

export interface LonePhoneOptions extends Partial<PhoneOptions>, WholePhoneOptions {
  readonly media?: () => MediaSession;
  readonly trickles?: boolean;
}

const SERVER: Address = { host: "192.0.2.9", port: 5060 };
const LOCAL: Address = { host: "192.0.2.1", port: 5060 };

export function lonePhone({
  media = silentMedia,
  trickles: doesTrickle = false,
  ...options
}: LonePhoneOptions = {}): LonePhone {
  let wire!: Wire;
  let stopped = false;
  const phone = new Phone(
    { aor: "sip:alice@example.com", ...options },
    {
      crypto: portableCrypto(seededBytes(seeded(1))),
      media,
      run: (endpoint) => {
        wire = new Wire(endpoint);
        return {
          call: (run) => void (stopped || wire.call(run)),
          now: () => wire.now,
          close: () => {
            stopped = true;
          },
        };
      },
      servers: () => [
        {
          kind: "Flow",
          flow: () => ({ transport: "UDP", local: LOCAL, remote: SERVER, connection: 0 }),
        },
      ],
    },
  );
  wholePhone(phone, options);
  if (doesTrickle) trickles(phone);
  let seen = 0;
  const sent = (): readonly Octets[] => {
    const outputs = wire.outputs.slice(seen);
    seen = wire.outputs.length;
    return outputs.flatMap((one) => ("octets" in one ? [one.octets] : []));
  };
  const requests = (method: string): readonly Request[] =>
    sent()
      .map(read)
      .filter((one): one is Request => one.kind === "Request" && one.method === method);
  const say = async (octets: Octets): Promise<void> => {
    wire.datagram(octets, SERVER);
    await settle();
  };
  const wait = async (ms: number): Promise<void> => {
    wire.wait(ms);
    await settle();
  };
  const register = async (): Promise<void> => {
    const registered = phone.register();
    await settle();
    const [request] = requests("REGISTER");
    if (request) await say(answerTo(request, 200, { lines: headerLinesOf(request, "Contact") }));
    await registered;
  };
  return {
    ...{ phone, wire, server: SERVER, isStopped: () => stopped },
    ...{ sent, requests, say, wait, register },
  };
}

export interface AnswerParts {
  readonly toTag?: string;
  /** Whole lines without their ends. */
  readonly lines?: readonly Octets[];
  readonly body?: Octets;
}

/** The text of a response to a request. */
export function answerTo(request: Request, status: number, parts: AnswerParts = {}): Octets {
  const { toTag = "", lines = [], body = "" } = parts;
  const to = header(request, "To") ?? "";
  const tagged = toTag === "" || to.includes(";tag=") ? to : `${to};tag=${toTag}`;
  const copied = ["Via", "From", "Call-ID", "CSeq"].flatMap((name) => headerLinesOf(request, name));
  const all = [...copied, `To: ${tagged}`, ...lines, `Content-Length: ${body.length}`];
  return `SIP/2.0 ${status} Text\r\n${all.join("\r\n")}\r\n\r\n${body}`;
}

function headerLinesOf(request: Request, name: string): readonly Octets[] {
  return headerLines(request, name).map((value) => `${name}: ${value}`);
}

/** A message that has to be one. */
export function read(octets: Octets | undefined): Message {
  const message = parseMessage(octets ?? "");
  if (!message.ok) throw new RangeError(`${message.error.message}: ${octets}`);
  return message.value;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}
