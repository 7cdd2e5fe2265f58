import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordAsked, RecordOptions } from "carillon/b2bua";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../http/log.ts";
import type { LiveCall } from "./live-calls.ts";
import { type RecorderParts, type RecordLine, recorder } from "./recorder.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-recorder-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const call = (id: string, isBridged: boolean): LiveCall => ({
  ...{ id, callId: `${id}@pc`, caller: "sip:ann@h.example", called: "sip:../../x@h.example" },
  ...{ state: "talking", seconds: 5 },
  ...(isBridged && { bridge: { id: `engine-${id}`, why: "", spoken: [], isRecorded: false } }),
});

function stage(answer: RecordAsked = { ok: true }, more: Partial<RecorderParts> = {}) {
  const asked: (RecordOptions & { readonly id: string })[] = [];
  const logged: string[] = [];
  const log = createLog({ level: "info", now: () => 0 }, { write: (line) => logged.push(line) });
  const made = recorder({
    bridging: {
      record: (id, options) => {
        asked.push({ id, ...options });
        return answer;
      },
      stopRecording: (id) => asked.some((one) => one.id === id),
    },
    ...{ media: "auto", data, log, wall: () => Date.UTC(2030, 0, 2, 3, 4, 5) },
    calls: () => [call("aaa111", true), call("bbb222", false)],
    inTurn: (run) => run(),
    ...more,
  });
  const said: RecordLine[] = [];
  const ask = (question: object) =>
    made.record({ ask: "record", ...question }, (l) => said.push(l));
  return { ask, asked, said, logged };
}

test("a file of its own in a folder of the house, whose name has nothing of a caller", () => {
  const { ask, asked, said, logged } = stage();
  ask({ call: "aaa111", webm: true });
  const path = join(data, "recordings", "2030-01-02T03-04-05-aaa111.webm");
  expect(asked).toMatchObject([{ id: "engine-aaa111", format: "webm", path }]);
  expect(statSync(join(data, "recordings")).mode & 0o777).toBe(0o700);
  asked[0]?.heard?.({ name: "Recording", path });
  expect(said).toEqual([{ name: "Recording", path }]);
  expect(logged[0]).toContain('"call":"aaa111"');
  expect(logged[0]).toContain(`"path":"${path}"`);
});

test("whoever ends it hears of the files when they are whole, and so does the log", () => {
  const { ask, asked, said, logged } = stage();
  ask({ call: "aaa111" });
  ask({ call: "aaa", stop: true });
  asked[0]?.heard?.({ name: "Recorded", paths: ["/a"], why: "the disk is nearly full" });
  const last = { name: "Recorded", paths: ["/a"], why: "the disk is nearly full" };
  expect(said).toEqual([last, last]);
  expect(logged.at(-1)).toContain('"level":40');
});

test("a call that goes straight from phone to phone is refused with what to do", () => {
  const { ask, said } = stage();
  ask({ call: "bbb222" });
  expect(said).toMatchObject([
    { error: expect.stringMatching(/goes straight .* --media always, and calls that begin/) },
  ]);
});

test("what was never begun, was not recorded, or is several calls is said in words", () => {
  const { ask, said } = stage({ ok: false, error: "ringing" });
  for (const question of [{}, { call: "zz" }, { call: "ann" }, { call: "aaa111" }]) ask(question);
  expect(said).toMatchObject([
    { error: expect.stringMatching(/no such call/) },
    { error: expect.stringMatching(/no such call/) },
    { error: expect.stringMatching(/Several calls are meant by that: aaa111, bbb222/) },
    { error: expect.stringMatching(/Nobody has answered/) },
  ]);
  const other = stage();
  other.ask({ call: "aaa111", stop: true });
  expect(other.said).toEqual([{ error: "That call is not recorded." }]);
});

test("no folder can be made: that is the answer, and nothing is asked of the bridge", () => {
  writeFileSync(join(data, "taken"), "");
  const { ask, said, asked } = stage({ ok: true }, { data: join(data, "taken") });
  ask({ call: "aaa111" });
  expect(said).toMatchObject([
    { error: expect.stringMatching(/^There is no folder for it: ENOTDIR/) },
  ]);
  expect(asked).toEqual([]);
});
