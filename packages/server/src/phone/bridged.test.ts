/** Phones in the terminal whose calls the server stands in between. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silence } from "carillon/rtp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { readCommand } from "../command.ts";
import { showLive } from "../control/show-live.ts";
import { showRecord } from "../control/show-record.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings } from "../settings.ts";
import { carryOutForUser } from "../users.ts";
import { DeskCall } from "./desk-call.ts";
import type { Happening } from "./happening.ts";
import { notesOf, openPhone } from "./open-phone.ts";
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

test("a caller is told that the server stands in between, and when it records", async () => {
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
    notes: notesOf(anna),
  });
  await call.answered;
  const live = await showLive({ data }, { person: "anna", json: false });
  expect(live).toMatch(/^[0-9a-f]{6} {2}talking .*through here \(PCMA RTP - PCMU RTP\)/);
  const wish = { call: live.slice(0, 6), stop: false, webm: false, json: false };
  const begun = await showRecord({ data }, wish);
  const [path] = /^ {2}(\/.*\.ogg)$/m.exec(begun)?.slice(1) ?? [];
  await expect.poll(() => told.at(-1)).toMatchObject({ event: "recording", recording: "on" });
  await expect(showRecord({ data }, wish)).rejects.toThrow("is recorded already");
  await expect(showRecord({ data }, { ...wish, call: "ghost" })).rejects.toThrow("no such call");
  await expect.poll(() => statSync(path ?? "").size).toBeGreaterThan(200);
  // Only for whoever runs the server.
  expect(statSync(path ?? "").mode & 0o777).toBe(0o600);
  expect(await showRecord({ data }, { ...wish, call: "bob", stop: true })).toContain(path);
  await expect.poll(() => told.at(-1)).toMatchObject({ event: "recording", recording: "off" });
  expect(
    readFileSync(path ?? "")
      .subarray(0, 4)
      .toString(),
  ).toBe("OggS");
  call.hangUp();
  await over;
  expect(told.filter(({ event }) => event === "bridge")).toEqual([
    {
      ...{ event: "bridge", call: 1, why: "every call goes through this server" },
      ...{ here: "PCMA RTP", there: "PCMU RTP" },
    },
  ]);
});
