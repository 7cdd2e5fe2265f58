import type { Side } from "carillon/b2bua";
import { PlainEngine } from "carillon/testing";
import type { EmbeddedEngine } from "carillon-media/engine";
import { expect, test, vi } from "vitest";
import { LateEngine } from "./late-engine.ts";

const side: Side = { tag: "a", address: "192.0.2.1", transport: "rtp", isBehindNat: false };

test("an engine is made by the first call that needs it, and hears nothing before", () => {
  const plain = new PlainEngine();
  let made = 0;
  const engine = new LateEngine(() => {
    made++;
    return plain as unknown as EmbeddedEngine;
  });
  const heard: string[] = [];
  engine.onevent = ({ kind }) => void heard.push(kind);
  engine.end("call-1");
  engine.withdraw("call-1", "a");
  expect([made, plain.asked]).toEqual([0, []]);
  expect(engine.terminate("call-1", side, "v=0\r\n")).toMatchObject({ ok: true });
  engine.end("call-1");
  expect([made, plain.asked]).toEqual([1, ["terminate a", "end"]]);
  plain.lose();
  expect(heard).toEqual(["Lost"]);
  engine.onevent = undefined;
  plain.lose();
  expect(heard).toEqual(["Lost"]);
});

test("an expected engine is made a second later, once, and by no house that closes", async () => {
  vi.useFakeTimers();
  const plain = new PlainEngine();
  let made = 0;
  const make = (): EmbeddedEngine => {
    made++;
    return Object.assign(plain, { close: async () => {} }) as unknown as EmbeddedEngine;
  };
  const [engine, closed] = [new LateEngine(make), new LateEngine(make)];
  for (const each of [engine, engine, closed]) each.expect();
  await closed.close();
  expect(made).toBe(0);
  vi.advanceTimersByTime(5000);
  engine.expect();
  vi.advanceTimersByTime(5000);
  expect(engine.terminate("call-1", side, "v=0\r\n")).toMatchObject({ ok: true });
  expect(made).toBe(1);
  vi.useRealTimers();
});
