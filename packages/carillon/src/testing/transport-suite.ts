/**
 * What every transport has to pass, whoever drives it: two endpoints, one of which listens, and a
 * way between them. Each check throws an Error in words if it is not as it should be.
 */

import type { Crypto } from "../auth/crypto.ts";
import type { ClientTransaction } from "../endpoint/client-transaction.ts";
import { createEndpoint, type Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Role } from "../endpoint/role.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Response } from "../message/message.ts";
import { type Flow, isReliable, type TransportName } from "../transport/flow.ts";
import { requestText } from "./request-text.ts";

/** One end: an endpoint that answers with the body it got, and what was told to its role. */
export interface End {
  /** What runs there. */
  readonly endpoint: Endpoint;
  /** Runs something in the endpoint's turn. */
  call(run: () => void): void;
  /** The requests that came, in order. */
  readonly heard: Incoming[];
  /** The connections that are there or were. */
  readonly opened: Flow[];
  /** The connections that are gone. */
  readonly closed: Flow[];
  /** Why connections never came to be. */
  readonly notOpened: unknown[];
}

/** Two ends and the way from one to the other. */
export interface Pair {
  /** The end that listens. */
  readonly server: End;
  /** The end that began. */
  readonly client: End;
  /** Of the client to the server. */
  readonly flow: Flow;
  /** Asks for a way to a place where nobody is; its flow is used at once. */
  nowhere(): Flow | undefined;
  /** Ends the connection from the server's side. */
  hangUp(): void;
  /** Lets a little time pass, where that is not the clock's business. */
  step?(): Promise<void>;
  /** Ends everything: nothing of it is left running. */
  stop(): Promise<void>;
}

/** An end whose world is still to be started: `call` has to be given by it. */
export function newEnd(crypto: Crypto): Omit<End, "call"> {
  const heard: Incoming[] = [];
  const opened: Flow[] = [];
  const closed: Flow[] = [];
  const notOpened: unknown[] = [];
  const role: Role = {
    attach() {},
    request(from) {
      heard.push(from);
      endpoint.reply(from, { status: 200, body: from.request.body });
    },
    ack() {},
    opened: (flow) => void opened.push(flow),
    closed: (flow) => void closed.push(flow),
    notOpened: (_, cause) => void notOpened.push(cause),
  };
  const endpoint = createEndpoint({ role, crypto });
  return { endpoint, heard, opened, closed, notOpened };
}

/** One check, for a test of its own. */
export interface TransportCheck {
  /** A sentence that goes on after "UDP" or "TCP". */
  readonly name: string;
  /** For connections alone: over UDP nobody is told that nobody is there. */
  readonly ofConnections?: true;
  /** Rejects with an Error in words if it is not so. Each wants a new pair. */
  run(pair: Pair): Promise<void>;
}

const CHECKS: readonly TransportCheck[] = [
  { name: "carries a request and its answer", run: carries },
  { name: "changes no octet of the 256 there are", run: changesNothing },
  { name: "carries a message of 60 KB", run: carriesMuch },
  { name: "carries two hundred requests at once, each with its answer", run: carriesMany },
  { name: "is a way back for requests too", run: leadsBack },
  { name: "says at once where nobody is", run: saysNobody, ofConnections: true },
  { name: "tells both ends once that it is over", run: tellsTheEnd, ofConnections: true },
];

/** The checks that a transport of this kind has to pass. */
export const transportChecks = (transport: TransportName): readonly TransportCheck[] =>
  CHECKS.filter(({ ofConnections }) => !ofConnections || transport !== "UDP");

async function carries(pair: Pair): Promise<void> {
  const { status } = await ask(pair, pair.client, pair.flow, "hello");
  equal(status, 200, "the answer");
  const [from] = pair.server.heard;
  equal(from?.request.body, "hello", "what the server heard");
  equal(from?.flow.transport, pair.flow.transport, "the transport, as the server sees it");
}

async function changesNothing(pair: Pair): Promise<void> {
  const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");
  equal((await ask(pair, pair.client, pair.flow, all)).body, all, "the body, there and back");
}

async function carriesMuch(pair: Pair): Promise<void> {
  const much = "0123456789".repeat(6_000);
  equal(
    (await ask(pair, pair.client, pair.flow, much)).body.length,
    much.length,
    "the body's length",
  );
}

async function carriesMany(pair: Pair): Promise<void> {
  const all = Array.from({ length: 200 }, (_, nth) => `${nth}`);
  const answers = await Promise.all(all.map((body) => ask(pair, pair.client, pair.flow, body)));
  equal(answers.map(({ body }) => body).join(), all.join(), "the answers");
  if (!isReliable(pair.flow)) return;
  const heard = pair.server.heard.map(({ request }) => request.body);
  equal(heard.join(), all.join(), "the order in which they came");
}

async function leadsBack(pair: Pair): Promise<void> {
  await ask(pair, pair.client, pair.flow, "first");
  const back = pair.server.heard[0]?.flow;
  if (!back) throw new Error("nothing was heard");
  equal((await ask(pair, pair.server, back, "and you?")).body, "and you?", "the answer");
}

async function saysNobody(pair: Pair): Promise<void> {
  const failed = await ask(pair, pair.client, pair.nowhere(), "x").then(
    () => "answered",
    (reason: Error) => reason.message,
  );
  equal(failed, "transport", "why it failed");
}

async function tellsTheEnd(pair: Pair): Promise<void> {
  await ask(pair, pair.client, pair.flow, "first");
  pair.hangUp();
  const both = () => [pair.client, pair.server].map(({ closed }) => closed.length).join();
  await until(
    pair,
    () => both() === "1,1",
    () => `ends that were told: ${both()}`,
  );
  const failed = await ask(pair, pair.client, pair.flow, "x").then(
    () => "answered",
    (reason: Error) => reason.message,
  );
  equal(failed, "transport", "what is said afterwards");
  equal(both(), "1,1", "ends that were told");
}

let requests = 0;

/** The answer to an OPTIONS with this body. Rejects with why there is none. */
export async function ask(
  pair: Pick<Pair, "step">,
  end: Pick<End, "endpoint" | "call">,
  flow: Flow | undefined,
  body: Octets,
): Promise<Response> {
  const outcome = Promise.withResolvers<Response>();
  let isOver = false;
  outcome.promise.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  end.call(() => {
    if (!flow) return outcome.reject(new Error("there is no way"));
    const { endpoint } = end;
    const branch = endpoint.ids.branch("suite");
    const via = `SIP/2.0/${flow.transport} suite.invalid;rport;branch=${branch}`;
    const text = requestText("OPTIONS", { via, body, callId: `suite-${++requests}` });
    endpoint.sendText(text, flow, {
      response: (_: ClientTransaction, response) => outcome.resolve(response),
      failed: (_, reason) => outcome.reject(new Error(reason)),
    });
  });
  while (pair.step && !isOver) await pair.step();
  return outcome.promise;
}

/** Waits until it is so, and throws otherwise. */
async function until(
  pair: Pick<Pair, "step">,
  isSo: () => boolean,
  what: () => string,
): Promise<void> {
  const end = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(what());
    await (pair.step?.() ?? new Promise((resolve) => setTimeout(resolve, 5)));
  }
}

function equal<T>(actual: T, expected: T, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${actual}, and should be ${expected}`);
}
