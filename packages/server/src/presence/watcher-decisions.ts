/**
 * An answer to whoever asks to see one, given by a phone: a PUBLISH of this server's own package to
 * one's own address, with what the page says over HTTP as its body. What it decides stays; there is
 * nothing to refresh or to take back.
 */
import type { Incoming, Reply, ServerTransaction } from "carillon/endpoint";
import { parseEvent, readHeader } from "carillon/message";
import type { Service, ServiceHost, ServiceRequest } from "carillon/roles";
import { z } from "zod";
import { done, type Outcome, type Refusal, refused } from "../refusal.ts";
import { readWatcher, WATCHER_ACTIONS, type WatcherRule } from "../store/presence-settings.ts";

/** The value of Event, and the type of the body. */
export const DECISION_EVENT = "carillon-watchers";
export const DECISION_TYPE = "application/json";

const decisionBody = z.object({
  who: z.string().max(2000),
  action: z.enum(WATCHER_ACTIONS).exclude(["confirm"]),
});

export interface DecisionParts {
  readonly domain: string;
  /** Writes it; what it refuses is told to the phone. */
  readonly decide: (account: string, rule: WatcherRule) => Promise<Outcome<unknown>>;
  /** Runs something in a turn of the endpoint. */
  readonly inTurn: (run: () => void) => void;
}

/** What a body says, or why it says nothing. */
export function readDecision(body: unknown, domain: string): Outcome<WatcherRule> {
  const read = decisionBody.safeParse(body);
  if (!read.success) return refused("BAD_REQUEST");
  const who = readWatcher(read.data.who, domain);
  return who.ok ? done({ who: who.value, action: read.data.action }) : who;
}

export class WatcherDecisions implements Service {
  readonly methods: readonly string[] = ["PUBLISH"];
  readonly #parts: DecisionParts;
  #host!: ServiceHost;

  constructor(parts: DecisionParts) {
    this.#parts = parts;
  }

  attach(host: ServiceHost): void {
    this.#host = host;
  }

  take({ from, account, user }: ServiceRequest): boolean {
    if (from.request.method !== "PUBLISH" || eventOf(from) !== DECISION_EVENT) return false;
    if (account === undefined || account !== user) {
      this.#host.words.explain(from, 403, "everybody decides for themselves");
      return true;
    }
    const server = this.#host.endpoint.accept(from, { cancelled() {}, failed() {} });
    if (server) this.#answer(server, account, from);
    return true;
  }

  #answer(server: ServerTransaction, account: string, { request }: Incoming): void {
    //= RFC 3903 §4.5
    //# To request the immediate removal of event state, an EPA MUST create a PUBLISH request with
    //# an Expires value of "0", and set the SIP-If-Match header field to contain the entity-tag of
    //# the event state publication to be removed.
    // What was decided is no state that could be removed; the phone only says that it is done.
    if (request.body === "") return server.reply(this.#accepted());
    const { domain, decide, inTurn } = this.#parts;
    const rule = readDecision(json(request.body), domain);
    if (!rule.ok) return server.reply(inWords(400, rule.refusal));
    const answer = (reply: Reply) => inTurn(() => server.reply(reply));
    decide(account, rule.value).then(
      (decided) => answer(decided.ok ? this.#accepted() : inWords(403, decided.refusal)),
      () => answer({ status: 503, headers: [["Retry-After", "5"]] }),
    );
  }

  #accepted(): Reply {
    const etag = this.#host.endpoint.ids.unique();
    return {
      status: 200,
      headers: [
        ["SIP-ETag", etag],
        ["Expires", "3600"],
      ],
    };
  }
}

const inWords = (status: number, { message }: Refusal): Reply => ({
  ...{ status, headers: [["Warning", `399 carillon "${message.replace(/["\\]/g, "'")}"`]] },
});

function eventOf({ request }: Incoming): string | undefined {
  const event = readHeader(request, "Event", parseEvent);
  return event.ok ? event.value?.type : undefined;
}

/** Undefined for what is no JSON; octets are the characters of UTF-8. */
function json(octets: string): unknown {
  try {
    return JSON.parse(Buffer.from(octets, "latin1").toString("utf8"));
  } catch {
    return undefined;
  }
}
