/** A domain with a state agent and one package, spoken to in octets; and SUBSCRIBEs of alice's. */
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import type { Asked, ServedPackage, Source, Standing } from "../state-agent/source.ts";
import { StateAgent, type StateAgentOptions } from "../state-agent/state-agent.ts";
import {
  answer,
  DomainStage,
  type DomainStageOptions,
  type Place,
  type RequestLines,
  request,
  type Sent,
  titleOf,
} from "./domain-stage.ts";

export const ALICE = "203.0.113.4:5060";
/** A package of one word, what it was asked, and what it heard. */
export interface Words {
  readonly pack: ServedPackage;
  readonly said: { word: string; standing: Standing };
  readonly told: string[];
  readonly asked: Asked[];
}

export interface AgentStage {
  readonly agent: StateAgent;
  readonly domain: DomainStage;
  /** A SUBSCRIBE of alice's to bob, and what goes out at once. */
  subscribe(from?: Place, parts?: Partial<RequestLines>): Sent[];
  /** Says a word, and gives back what goes out at once. */
  say(word: string): Sent[];
  /** Answers what was sent. */
  reply(sent: Sent | undefined, status?: number, lines?: readonly string[]): Sent[];
}

/** A package of one word for everybody. */
export function words(
  more: Partial<ServedPackage> & { source?: (asked: Asked) => Partial<Source> } = {},
): Words {
  const said = { word: "one", standing: "Allowed" as Standing };
  const told: string[] = [];
  const asked: Asked[] = [];
  const { source, ...others } = more;
  const pack: ServedPackage = {
    ...{ event: "word", accept: ["text/plain", "text/x-word"], expiresSeconds: 3600 },
    minGapMs: 1000,
    open: (one) => {
      asked.push(one);
      return {
        body: (version, isWhole) => ({
          contentType: one.contentType,
          body: `${said.word} ${version}${isWhole ? " whole" : ""}`,
        }),
        told: (version, status) => void told.push(`${version} ${status}`),
        standing: () => said.standing,
        closed: (reason) => void told.push(`closed ${reason}`),
        ...source?.(one),
      };
    },
    ...others,
  };
  return { pack, said, told, asked };
}

export function stageOf(
  { pack, said }: Words,
  more: Partial<StateAgentOptions> = {},
  stage: DomainStageOptions = {},
): AgentStage {
  const agent = new StateAgent({ packages: [pack], ...more });
  const domain = new DomainStage({ services: [agent], ...stage });
  let count = 0;
  const subscribe = (from: Place = ALICE, parts: Partial<RequestLines> = {}): Sent[] => {
    const nth = `${++count}`;
    const contact = typeof from === "number" ? `page${from}.invalid;transport=ws` : from;
    return domain.say(
      from,
      request("SUBSCRIBE", {
        ...{ branch: `z9hG4bK-sub-${nth}`, callId: `sub-${nth}` },
        ...parts,
        lines: [
          `Proxy-Authorization: ${domain.token("alice")}`,
          ...(parts.lines ?? ["Event: word", `Contact: <sip:alice@${contact}>`]),
        ],
      }),
    );
  };
  const say = (word: string): Sent[] => {
    said.word = word;
    const before = domain.wire.outputs.length;
    domain.wire.call(() => agent.changed("word", "bob"));
    return domain.sentSince(before);
  };
  const reply = (sent: Sent | undefined, status = 200, lines: readonly string[] = []): Sent[] =>
    domain.say(sent?.to ?? ALICE, answer(sent?.octets ?? "", status, "", lines));
  return { agent, domain, subscribe, say, reply };
}

/** A refresh of what this 200 has begun. */
export function again(
  ok: Sent | undefined,
  parts: Partial<RequestLines> = {},
): Partial<RequestLines> {
  const { message } = ok ?? {};
  if (!message) throw new Error("nothing was answered");
  return {
    uri: /<(.*)>/.exec(header(message, "Contact") ?? "")?.[1] ?? "",
    to: header(message, "To") ?? "",
    callId: header(message, "Call-ID") ?? "",
    seq: 2,
    ...parts,
  };
}

export const titles = (sent: readonly Sent[]): string[] =>
  sent.map((one) => `${titleOf(one)} to ${one.to}`);
export const bodyOf = (sent: Sent | undefined): string | undefined =>
  (sent?.message as Request | undefined)?.body;
export const uriOf = (sent: Sent | undefined): string | undefined =>
  (sent?.message as Request | undefined)?.uri;
export const value = (sent: Sent | undefined, name: string): string | undefined =>
  sent && header(sent.message, name);
export const notifies = (sent: readonly Sent[]): Sent[] =>
  sent.filter((one) => titleOf(one) === "NOTIFY");
