/** Phones in the terminal whose calls the server stands in between. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silence } from "carillon/rtp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { readCommand } from "../command.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings } from "../settings.ts";
import { carryOutForUser } from "../users.ts";
import { DeskCall } from "./desk-call.ts";
import type { Happening } from "./happening.ts";
import { bridgeNotesOf, openPhone } from "./open-phone.ts";
import { Sound } from "./sound.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
let data: string;
let server: Running;
const secrets = new Map<string, string>();

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "carillon-bridged-"));
  const off = { tlsPort: undefined, httpsPort: undefined, turnPort: undefined };
  const settings = { ...defaultSettings, data, domain: "house.example", logLevel: "silent" };
  const media = { media: "always", mediaWorkers: 1 } as const;
  const ports = { host: "127.0.0.1", port: 0, sipPort: 0, ...off };
  server = await serve({ ...settings, ...ports, ...media }, world);
  for (const person of ["Anna", "Bob"]) {
    const add = { kind: "Add", person, deskPhone: false, label: "", json: true } as const;
    const { password } = JSON.parse(carryOutForUser(add, settings, world));
    secrets.set(person.toLowerCase(), password);
  }
});

afterAll(async () => {
  await server.close();
  rmSync(data, { recursive: true, force: true });
});

async function phoneOf(name: string, ...flags: readonly string[]) {
  const command = readCommand(["phone", `sip:${name}@house.example`, ...flags], {});
  if (command.kind !== "Phone") throw new Error("not a phone");
  const servers = [`sip:127.0.0.1:${server.sipPort}`];
  const phone = await openPhone({
    ...{ settings: { ...command.command, servers }, aor: `sip:${name}@house.example` },
    ...{ host: "127.0.0.1", target: undefined, user: name, password: secrets.get(name) },
  });
  await phone.register();
  return phone;
}

test("a caller is told that the server stands in between, why, and what is spoken", async () => {
  await using anna = await phoneOf("anna", "--security", "none", "--codecs", "PCMA");
  await using bob = await phoneOf("bob", "--security", "none", "--codecs", "PCMU");
  void (async () => {
    for await (const call of bob.calls()) await call.answer({ audio: true, video: false });
  })();
  const told: Happening[] = [];
  const call = anna.call("sip:bob@house.example", { audio: true, video: false });
  const { promise: over, resolve } = Promise.withResolvers<void>();
  new DeskCall(1, call, {
    tell: (what) => void told.push(what),
    sound: new Sound({ source: () => silence(), sink: () => ({ write: () => {} }) }),
    ...{ isMuted: () => false, seconds: () => 0, transferAsked: (_, wish) => wish.refuse() },
    over: () => resolve(),
    bridgeOf: (one) => bridgeNotesOf(anna)?.of(one),
  });
  await call.answered;
  call.hangUp();
  await over;
  expect(told.filter(({ event }) => event === "bridge")).toEqual([
    {
      ...{ event: "bridge", call: 1, why: "every call goes through this server" },
      ...{ here: "PCMA RTP", there: "PCMU RTP" },
    },
  ]);
});
