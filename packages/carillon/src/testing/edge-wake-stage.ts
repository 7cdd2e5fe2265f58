/** An edge that wakes phones, and the registrar of those, in octets. RFC 8599. */
import { headerLines } from "../message/headers.ts";
import type { Answer } from "../roles/answer.ts";
import type { EdgePolicy } from "../roles/edge.ts";
import type { PushService, Wake, WakeAsked, Woken } from "../roles/wake.ts";
import type { PushAddress } from "../roles/wake-address.ts";
import {
  answer,
  DomainStage,
  type DomainStageOptions,
  request,
  type Sent,
  titleOf,
} from "./domain-stage.ts";

export const HOME = "198.51.100.50:5060";
export const PHONE = "203.0.113.4:5062";
const PUSH = "pn-provider=fcm;pn-param=town;pn-prid=t0ken";
const URI = `sip:bob@192.168.0.2:5062;${PUSH}`;
export const CONTACT: string = `Contact: <${URI}>`;
export const WAKING = "182 Waking a phone of bob";

class Service implements Wake {
  readonly asked: WakeAsked[] = [];
  answer: Answer<Woken> = { kind: "Sent" };
  services = (): readonly PushService[] => [
    { provider: "fcm" },
    { provider: "webpush", vapid: "BKey" },
  ];
  canWake = ({ provider, param }: PushAddress): boolean =>
    provider === "webpush" || (provider === "fcm" && param === "town");
  wake(asked: WakeAsked): Answer<Woken> {
    this.asked.push(asked);
    return this.answer;
  }
  get kinds(): readonly string[] {
    return this.asked.map(({ why }) => why.kind);
  }
}

/** A REGISTER that was carried out. */
export interface Registration {
  /** What the registrar got. */
  readonly sent: Sent;
  /** What came of its answer. */
  readonly said: readonly Sent[];
  /** The edge's own, for what the registrar sends to the phone. */
  readonly path: string;
}

export interface Stage {
  readonly stage: DomainStage;
  readonly wake: Service;
}

export function edgeStage(more: Partial<EdgePolicy> = {}, options: DomainStageOptions = {}): Stage {
  const wake = new Service();
  const edge: EdgePolicy = {
    isServed: (domain) => domain === "home.example",
    registrar: `sip:${HOME}`,
    isHome: ({ remote }) => remote.host === "198.51.100.50",
    addsPathForAll: true,
    ...more,
  };
  return { stage: new DomainStage({ wake, ...options, policy: () => ({ edge }) }), wake };
}

export const titles = (sent: readonly Sent[]): readonly string[] => sent.map(titleOf);
export const only = (sent: readonly Sent[], title: string): Sent => {
  const found = sent.find((one) => titleOf(one) === title);
  if (!found) throw new Error(`no ${title} in ${titles(sent).join()}`);
  return found;
};
/** What each says in its first line. */
export const lines = (sent: readonly Sent[]): readonly string[] =>
  sent.map(({ octets }) => octets.split("\r\n")[0] ?? "");
export const caps = ({ message }: Sent): readonly string[] =>
  headerLines(message, "Feature-Caps").map((one) => one.replace(/pnspurr="[\w-]{60,}"/, "pnspurr"));

/** Makes each branch and Call-ID another one. */
let count = 0;
export const next = (): number => ++count;
export const registering = (more: readonly string[] = [], contact: string = CONTACT): string =>
  request("REGISTER", {
    uri: "sip:home.example",
    branch: `z9hG4bKr${++count}`,
    via: `SIP/2.0/UDP 192.168.0.2:5062;rport;branch=z9hG4bKr${count}`,
    from: "<sip:bob@home.example>;tag=r",
    to: "<sip:bob@home.example>",
    callId: "reg",
    seq: count,
    lines: [contact, "Expires: 3600", ...more],
  });

/** What comes back from a registrar that grants it. */
export const granted = (sent: Sent, contact: string = CONTACT, seconds = 3600): string =>
  answer(sent.octets, 200, "t", [`${contact};expires=${seconds}`]);

/** Registers it; gives back what the registrar got, and what the phone did. */
export function registered(
  { stage }: Stage,
  from: string | number = PHONE,
  seconds?: number,
): Registration {
  const sent = only(stage.say(from, registering()), "REGISTER");
  const said = stage.say(HOME, granted(sent, CONTACT, seconds));
  return { sent, said, path: headerLines(sent.message, "Path")[0] ?? "" };
}

export const inviting = (path: string, more: Parameters<typeof request>[1] = {}): string =>
  request("INVITE", {
    ...{ uri: URI, via: `SIP/2.0/UDP ${HOME};branch=z9hG4bKi${++count}`, callId: `call${count}` },
    ...{ from: "<sip:alice@home.example>;tag=a", to: "<sip:bob@home.example>" },
    lines: [`Route: ${path}`, "Contact: <sip:a@198.51.100.9>"],
    ...more,
  });

/** Asleep: nobody thinks any more that it has just registered. */
export const later = ({ stage }: Stage): readonly Sent[] => stage.wait(30_000);
