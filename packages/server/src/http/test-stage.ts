/**
 * The HTTP side on a test house: real routes and a real database, no SIP. Who is online, the
 * test says.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createEndpoint } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { domain, MemoryLocation } from "carillon/roles";
import { Wire } from "carillon/testing";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { isPushEndpoint } from "../push/push-hosts.ts";
import { groupChanges, mailFor } from "../sip/mail.ts";
import { commandsOf, type HouseWrites, writesThrough } from "../store/commands.ts";
import { type TestMessages, testMessages } from "../store/messages/test-store.ts";
import type { Store } from "../store/store.ts";
import { type TestHouse, testHouse } from "../test-house.ts";
import { createApp } from "./app.ts";
import { Attempts } from "./attempts.ts";
import type { ChangeGroup } from "./group-routes.ts";
import type { TokenClaims } from "./house-context.ts";
import { createLog } from "./log.ts";
import { PeopleFeed } from "./people-feed.ts";

type Answer = Promise<LightMyRequestResponse>;
type Headers = Readonly<Record<string, string>>;

export interface Stage {
  readonly house: TestHouse;
  readonly app: FastifyInstance;
  readonly feed: PeopleFeed;
  readonly messages: TestMessages;
  /** People and devices. */
  readonly online: Set<string>;
  readonly minted: TokenClaims[];
  readonly lines: string[];
  /** What of presence was changed, and whose. */
  readonly changes: string[];
  ask(method: "GET" | "POST" | "PUT", url: string, headers?: Headers, payload?: string): Answer;
  joinAs(name: string, invite?: string, headers?: Headers): Answer;
  /** Joins and returns the cookie to send. */
  sit(name: string, invite?: string): Promise<string>;
  /** Listens on loopback, once. */
  port(): Promise<number>;
  close(): Promise<void>;
}

/** Stands for `index-abc.js` compressed: the server looks no further than at its name. */
export const BROTLI = "brotli!";

export const json: Headers = { "content-type": "application/json" };

export const codeOf = (response: LightMyRequestResponse): string => response.json().error.code;

export async function testStage(): Promise<Stage> {
  const house = testHouse();
  const online = new Set<string>();
  const minted: TokenClaims[] = [];
  const lines: string[] = [];
  const changes: string[] = [];
  const { store, clock } = house;
  const feed = feedOf(house, online);
  const messages = testMessages([], house);
  const app = await createApp({
    store,
    writes: directWrites(store),
    clock,
    names: { domain: "house.example", hostname: "tower" },
    log: createLog({ level: "debug", now: clock.wall }, { write: (line) => lines.push(line) }),
    attempts: new Attempts(clock.steady),
    people: feed,
    messages: messages.store,
    changeGroup: groupsOf(house, messages),
    presence: {
      contactsChanged: (account) => void changes.push(`contacts of ${account}`),
      rulesChanged: (account) => void changes.push(`rules of ${account}`),
      statusChanged: (account) => void changes.push(`status of ${account}`),
    },
    sipPort: 5060,
    lanAddress: () => "192.168.1.5",
    iceServers: (account, host) => ({
      iceServers: [{ urls: [`turn:${host}:3478`], username: account, credential: "x" }],
      expiresSeconds: 60,
    }),
    isHere: (_, device) => online.has(device),
    mintToken: (claims) => `token-${minted.push(claims)}`,
    push: {
      services: () => [{ provider: "webpush", vapid: "Key" }],
      canWake: ({ prid }) => isPushEndpoint(prid, []),
      decline: async (account, id) => id === `call of ${account}`,
    },
    page: buildPage(house),
  });
  const asking = asks(app, house);
  return { house, app, feed, messages, online, minted, lines, changes, ...asking, port, close };

  async function port(): Promise<number> {
    if (!app.server.listening) await app.listen({ port: 0, host: "127.0.0.1" });
    return (app.server.address() as AddressInfo).port;
  }

  async function close(): Promise<void> {
    feed.close();
    await app.close();
    house.close();
  }
}

function asks(app: FastifyInstance, house: TestHouse): Pick<Stage, "ask" | "joinAs" | "sit"> {
  const ask: Stage["ask"] = (method, url, headers = {}, payload) =>
    app.inject({
      method,
      url,
      headers: method === "GET" ? headers : { ...json, ...headers },
      ...(payload !== undefined && { payload }),
    });
  const joinAs: Stage["joinAs"] = (name, invite = house.invite(), headers = {}) =>
    ask("POST", "/api/join", headers, JSON.stringify({ invite, name }));
  const sit: Stage["sit"] = async (name, invite) => {
    const response = await joinAs(name, invite);
    if (response.statusCode !== 201) throw new Error(response.body);
    return `carillon=${response.cookies[0]?.value}`;
  };
  return { ask, joinAs, sit };
}

/** Carried out at once, in this thread. */
function directWrites(store: Store): HouseWrites {
  const commands = commandsOf(store);
  return writesThrough(async (name, args) => {
    const command = commands[name] as (...args: readonly unknown[]) => unknown;
    return command(...args);
  });
}

/** On a real SIP server, of which nothing else is asked. */
function groupsOf({ store, clock }: TestHouse, messages: TestMessages): ChangeGroup {
  const crypto = nodeCrypto();
  const mail = mailFor(messages.store, clock);
  const { house, accounts } = store;
  const location = new MemoryLocation();
  const services = [mail];
  const role = domain({ ...house, aliases: [], accounts, location, crypto, services });
  const wire = new Wire(createEndpoint({ role, crypto }));
  return groupChanges(mail, (run) => void wire.call(run));
}

function feedOf({ store }: TestHouse, online: ReadonlySet<string>): PeopleFeed {
  const read = () =>
    store.accounts.people().map(({ name, displayName }) => ({
      name,
      displayName,
      aor: `sip:${name}@house.example`,
      online: online.has(name),
    }));
  return new PeopleFeed(read, (id) => store.accounts.session(id));
}

function buildPage({ data }: TestHouse): string {
  const page = join(data, "page");
  mkdirSync(join(page, "assets"), { recursive: true });
  writeFileSync(join(page, "index.html"), "<!doctype html><title>Carillon</title>");
  writeFileSync(join(page, "assets", "index-abc.js"), "let bell;");
  writeFileSync(join(page, "assets", "index-abc.js.br"), BROTLI);
  writeFileSync(join(page, "icon.svg"), "<svg/>");
  return page;
}
