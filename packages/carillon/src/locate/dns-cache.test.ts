import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../grammar/millis.ts";
import { foundOf } from "../testing/network/lying-dns.ts";
import { asked } from "../testing/resolve.ts";
import * as cache from "./dns-cache.ts";
import type { Answer, Question } from "./naming.ts";
import { arrows } from "./testing-arrows.ts";

type Input = cache.Input;
type Output = cache.Output;
type State = cache.State;

const limits = cache.DEFAULT_LIMITS;
const A = asked("A example.com");
const address = (ttlSeconds: number) => foundOf([{ type: "A", address: "192.0.2.1" }], ttlSeconds);
const none = (ttlSeconds: number): Answer => ({ kind: "None", why: "NXDOMAIN", ttlSeconds });
const failed: Answer = { kind: "Failed", why: "SERVFAIL" };
const ask = (asker: number, question: Question = A): Input => ({ kind: "Ask", asker, question });
const answered = (answer: Answer, question: Question = A): Input => ({
  kind: "Answered",
  question,
  answer,
});
const TICK: Input = { kind: "Tick" };

function print(output: Output): string {
  const { name } = output.question;
  if (output.kind === "Query") return `Query ${name}`;
  const { answer } = output;
  const what = "why" in answer ? answer.why : answer.kind;
  return `Tell ${output.asker} ${what}${"ttlSeconds" in answer ? ` ${answer.ttlSeconds}` : ""}`;
}

/** Feeds one input after the other, and gives back what came out of each. */
function feed(inputs: readonly (readonly [Input, number])[], used: cache.Limits = limits) {
  let [s] = cache.start();
  const said = inputs.map(([input, now]) => {
    const [next, ...outputs] = cache.step(used, s, input, now);
    s = next;
    return outputs.map(print).join(", ");
  });
  return { s, said };
}

describe("what was answered is not asked again", () => {
  test("for as long as the answer says, with the time that is left", () => {
    const { said } = feed([
      [ask(1), 0],
      [answered(address(60)), 10],
      [ask(2), 20_010],
      [ask(3), 60_009],
      [ask(4), 60_010],
    ]);
    expect(said).toEqual([
      "Query example.com",
      "Tell 1 Found 60",
      "Tell 2 Found 40",
      "Tell 3 Found 0.001",
      "Query example.com",
    ]);
  });

  test("never longer than an hour, and that there is nothing not longer than a minute", () => {
    const hour = feed([
      [ask(1), 0],
      [answered(address(1_000_000)), 0],
      [ask(2), 3_599_999],
      [ask(3), 3_600_000],
    ]);
    expect(hour.said.slice(2)).toEqual(["Tell 2 Found 0.001", "Query example.com"]);
    const minute = feed([
      [ask(1), 0],
      [answered(none(86_400)), 0],
      [ask(2), 59_000],
      [ask(3), 60_000],
    ]);
    expect(minute.said.slice(2)).toEqual(["Tell 2 NXDOMAIN 1", "Query example.com"]);
  });

  test("a failure for five seconds, so that a dead resolver is left in peace", () => {
    const { said } = feed([
      [ask(1), 0],
      [answered(failed), 0],
      [ask(2), 4_999],
      [ask(3), 5_000],
    ]);
    expect(said.slice(1)).toEqual(["Tell 1 SERVFAIL", "Tell 2 SERVFAIL", "Query example.com"]);
  });

  test("a TTL of 0 is for those who wait for it, and for nobody else", () => {
    const { s, said } = feed([
      [ask(1), 0],
      [ask(2), 1],
      [answered(address(0)), 5],
      [ask(3), 5],
    ]);
    expect(said.slice(2)).toEqual(["Tell 1 Found 0, Tell 2 Found 0", "Query example.com"]);
    expect(s.entries.size).toBe(0);
  });

  test("an alias is kept like an answer", () => {
    const alias: Answer = { kind: "Alias", name: "b.org", ttlSeconds: 60 };
    const { said } = feed([
      [ask(1), 0],
      [answered(alias), 0],
      [ask(2), 1_000],
    ]);
    expect(said[2]).toBe("Tell 2 Alias 59");
  });
});

describe("equal questions are one", () => {
  test("whoever asks while one is out gets the same answer, in the order of asking", () => {
    const { said } = feed([
      [ask(3), 0],
      [ask(1), 1],
      [ask(2), 2],
      [answered(address(60)), 10],
    ]);
    expect(said).toEqual([
      "Query example.com",
      "",
      "",
      "Tell 3 Found 60, Tell 1 Found 60, Tell 2 Found 60",
    ]);
  });

  test("another type or name is another question", () => {
    const { said } = feed([
      [ask(1), 0],
      [ask(2, asked("AAAA example.com")), 0],
      [ask(3, asked("A example.org")), 0],
    ]);
    expect(said).toEqual(["Query example.com", "Query example.com", "Query example.org"]);
  });

  test("nobody is answered by the world: after two seconds all hear of it", () => {
    const { s, said } = feed([
      [ask(1), 0],
      [ask(2), 1_500],
      [TICK, 1_999],
      [TICK, 2_000],
      [answered(address(60)), 2_001],
    ]);
    expect(said.slice(2)).toEqual(["", "Tell 1 timeout, Tell 2 timeout", ""]);
    expect(cache.deadline(s)).toBe(NEVER);
  });

  test("each question has a deadline of its own", () => {
    const { s, said } = feed([
      [ask(1), 0],
      [ask(2, asked("A b.org")), 500],
      [TICK, 2_100],
    ]);
    expect(said[2]).toBe("Tell 1 timeout");
    expect(cache.deadline(s)).toBe(2_500);
  });

  test("an answer that nobody asked for is kept from the table", () => {
    const { s, said } = feed([
      [answered(address(60)), 0],
      [ask(1), 1],
    ]);
    expect(said).toEqual(["", "Query example.com"]);
    expect(s.entries.size).toBe(0);
  });

  test("what does not fit the question is not believed, nor kept as an address", () => {
    const { said } = feed([
      [ask(1), 0],
      [answered(foundOf([{ type: "A", address: "999.1.1.1" }])), 1],
    ]);
    expect(said[1]).toBe("Tell 1 NODATA 300");
  });
});

describe("everything is capped", () => {
  const small = { ...limits, entries: 3, open: 2, askersOfOne: 2, recordsOfOne: 2 };
  const other = (n: number) => asked(`A h${n}.org`);

  test("names: what is stale goes first, then the oldest", () => {
    const known = (n: number, ttl: number, now: number): readonly (readonly [Input, number])[] => [
      [ask(n, other(n)), now],
      [answered(address(ttl), other(n)), now],
    ];
    const { s } = feed(
      [...known(1, 60, 0), ...known(2, 1, 0), ...known(3, 60, 0), ...known(4, 60, 1_500)],
      small,
    );
    expect([...s.entries.keys()]).toEqual(["A h1.org", "A h3.org", "A h4.org"]);
    const [next] = cache.step(small, s, ask(5, other(5)), 2_000);
    const [last] = cache.step(small, next, answered(address(60), other(5)), 2_000);
    expect([...last.entries.keys()]).toEqual(["A h3.org", "A h4.org", "A h5.org"]);
  });

  test("records of one answer: more are passed on and not kept", () => {
    const kept = (...addresses: readonly string[]) => {
      const many = foundOf(addresses.map((each) => ({ type: "A", address: each })));
      const { s, said } = feed(
        [
          [ask(1), 0],
          [answered(many), 0],
        ],
        small,
      );
      expect(said[1]).toBe("Tell 1 Found 300");
      return s.entries.size;
    };
    expect(kept("192.0.2.1", "192.0.2.2")).toBe(1);
    expect(kept("192.0.2.1", "192.0.2.2", "192.0.2.3")).toBe(0);
  });

  test("questions that are out, and who waits for one: the rest is told so at once", () => {
    const { said } = feed(
      [
        [ask(1, other(1)), 0],
        [ask(2, other(2)), 0],
        [ask(3, other(3)), 0],
        [ask(4, other(1)), 0],
        [ask(5, other(1)), 0],
      ],
      small,
    );
    expect(said.slice(2)).toEqual(["Tell 3 busy", "", "Tell 5 busy"]);
  });

  test("a new answer takes the old one's place, at the end", () => {
    const { s } = feed([
      [ask(1, other(1)), 0],
      [answered(address(1), other(1)), 0],
      [ask(2, other(2)), 0],
      [answered(address(60), other(2)), 0],
      [ask(3, other(1)), 1_000],
      [answered(address(60), other(1)), 1_000],
    ]);
    expect([...s.entries.keys()]).toEqual(["A h2.org", "A h1.org"]);
  });
});

test("every state, every input", () => {
  const state = (...inputs: readonly (readonly [Input, number])[]): State => feed(inputs).s;
  const lines = arrows<State, Input, Output>(
    (s, input, now) => cache.step(limits, s, input, now),
    cache.deadline,
    [
      ["empty", state()],
      ["asking for 1 and 2", state([ask(1), 0], [ask(2), 0])],
      ["knowing", state([ask(1), 0], [answered(address(60)), 0])],
      ["knowing of none", state([ask(1), 0], [answered(none(60)), 0])],
    ],
    [
      ["Ask 9", ask(9), 7],
      ["Ask 9", ask(9), 60_000],
      ["Ask 9 another", ask(9, asked("A b.org")), 7],
      ["Found", answered(address(60)), 7],
      ["None", answered(none(60)), 7],
      ["Failed", answered(failed), 7],
      ["Tick", TICK, 7],
      ["Tick", TICK, 2_000],
    ],
    print,
  );
  expect(lines).toMatchSnapshot();
});

test("everyone who asks is told once, in time, whatever the world does", () => {
  const small = { ...limits, entries: 4, open: 3, askersOfOne: 3 };
  const question = fc.nat(5).map((n) => asked(`A h${n}.org`));
  const event = fc.oneof(
    question.map((q) => ({ ask: q })),
    fc.tuple(question, fc.constantFrom(address(1), none(1), failed)).map(([q, a]) => ({ q, a })),
    fc.constant({ tick: true }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(900))), (script) => {
      let [s] = cache.start();
      let now = 0;
      const waiting = new Map<number, number>();
      const take = ([next, ...outputs]: cache.Step) => {
        s = next;
        for (const output of outputs) {
          if (output.kind !== "Tell") continue;
          expect(waiting.delete(output.asker)).toBe(true);
        }
        expect(s.entries.size).toBeLessThanOrEqual(4);
        expect(s.open.size).toBeLessThanOrEqual(3);
      };
      for (const [i, [one, wait]] of script.entries()) {
        now += wait;
        if ("ask" in one) {
          waiting.set(i, now);
          take(cache.step(small, s, ask(i, one.ask), now));
        } else if ("q" in one) take(cache.step(small, s, answered(one.a, one.q), now));
        else take(cache.step(small, s, TICK, now));
      }
      while (cache.deadline(s) !== NEVER) take(cache.step(small, s, TICK, cache.deadline(s)));
      expect([...waiting.keys()]).toEqual([]);
    }),
  );
});
