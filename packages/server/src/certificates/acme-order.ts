/** One certificate from an authority: RFC 8555 §7.4. Others answer its challenges. */
import { setTimeout as pause } from "node:timers/promises";
import type { Authorization, Client, Order } from "acme-client";
import { type AuthorityOptions, acme, clientOf } from "./acme-authority.ts";
import { AcmeTrouble, type Problem, troubleSaid } from "./acme-trouble.ts";
import type { Pem } from "./shown-certificate.ts";

/** Shows an authority that a name is ours. */
export interface Answerer {
  readonly type: "http-01" | "dns-01";
  /** Until the answer is taken back; `value` is what has to be found there. */
  answer(challenge: Challenge): Promise<void>;
  takeBack(challenge: Challenge): Promise<void>;
}

export interface Challenge {
  /** The name in question: `house.example`. */
  readonly name: string;
  /** Of http-01: the last part of the path. */
  readonly token: string;
  /** Of http-01 the key authorization, of dns-01 what the TXT record says. RFC 8555 §8.3, §8.4. */
  readonly value: string;
}

export interface OrderOptions extends AuthorityOptions {
  readonly email: string;
  /** PEM. */
  readonly accountKey: string;
  readonly names: readonly string[];
  readonly answerer: Answerer;
  readonly signal: AbortSignal;
}

/** Looked for until then; an authority takes seconds. */
const PATIENCE_MS = 120_000;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 8000;

/** Throws AcmeTrouble, or what the network said. */
export async function orderCertificate(options: OrderOptions): Promise<Pem> {
  const { email, names, answerer, signal } = options;
  const client = await clientOf(options, options.accountKey);
  await client.createAccount({ termsOfServiceAgreed: true, contact: [`mailto:${email}`] });
  const identifiers = names.map((value) => ({ type: "dns", value }));
  const order = await client.createOrder({ identifiers });
  await show(client, order, answerer, signal);
  const { crypto } = await acme();
  const key = await crypto.createPrivateEcdsaKey();
  const [, csr] = await crypto.createCsr({ altNames: [...names] }, key);
  await client.finalizeOrder(order, csr);
  const done = await later(signal, "the certificate", async () => {
    const now = await client.getOrder(order);
    if (now.status === "invalid") throw troubleSaid((now.error ?? {}) as Problem);
    return now.status === "valid" ? now : undefined;
  });
  const cert = await client.getCertificate(done);
  return { cert, key: key.toString() };
}

async function show(
  client: Client,
  order: Order,
  answerer: Answerer,
  signal: AbortSignal,
): Promise<void> {
  const answered: Challenge[] = [];
  try {
    for (const one of await client.getAuthorizations(order)) {
      if (one.status === "valid") continue;
      const offered = challengeIn(one, answerer.type);
      const value = await client.getChallengeKeyAuthorization(offered);
      const challenge = { name: one.identifier.value, token: offered.token, value };
      answered.push(challenge);
      await answerer.answer(challenge);
      await client.completeChallenge(offered);
    }
    await later(signal, "the names", async () => {
      const all = await client.getAuthorizations(order);
      for (const one of all) orThrow(one);
      return all.every(({ status }) => status === "valid") || undefined;
    });
  } finally {
    for (const challenge of answered) await answerer.takeBack(challenge).catch(() => {});
  }
}

function challengeIn({ identifier, challenges }: Authorization, wanted: Answerer["type"]) {
  const found = challenges.find(({ type }) => type === wanted);
  if (found) return found;
  const kinds = challenges.map(({ type }) => type).join(", ");
  throw new AcmeTrouble(
    `the authority offers no ${wanted} for ${identifier.value}, but ${kinds}`,
    "Choose another way: certificates.acme.dns answers by the DNS, without it by port 80.",
  );
}

function orThrow({ identifier, status, challenges }: Authorization): void {
  if (status === "valid" || status === "pending") return;
  const failed = challenges.find(({ error }) => error !== undefined);
  throw troubleSaid((failed?.error ?? { detail: status }) as Problem, identifier.value);
}

/** Asks again, ever less often. */
async function later<T>(
  signal: AbortSignal,
  what: string,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  let waitedMs = 0;
  for (let ms = FIRST_PAUSE_MS; waitedMs < PATIENCE_MS; ms = Math.min(2 * ms, LAST_PAUSE_MS)) {
    const done = await ask();
    if (done !== undefined) return done;
    await pause(ms, undefined, { signal });
    waitedMs += ms;
  }
  throw new AcmeTrouble(
    `the authority has not said anything about ${what} for ${PATIENCE_MS / 1000} s`,
    "It is tried again by itself.",
  );
}
