import { describe, expect, test } from "vitest";
import { lifeOf } from "./picture.ts";
import * as referee from "./referee.ts";
import * as referrer from "./referrer.ts";

/** `State: outputs` for each input, in order. */
const told = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => {
    const [state = "", ...outputs] = (line.split(" = ")[1] ?? "").split(" | ");
    return `${state.split(" ")[0]}: ${outputs.join(", ")}`;
  });

const asks = (...inputs: readonly referrer.Input[]) =>
  told(
    lifeOf(
      referrer,
      {},
      inputs.map((input) => [1, input] as const),
    ),
  ).slice(1);

const response = (status: number, reports = true): referrer.Input => ({
  ...{ kind: "Response", status, reports },
});
const report = (status: number): referrer.Input => ({ kind: "Report", status });
const over = (isTold: boolean): referrer.Input => ({ kind: "Unsubscribed", told: isTold });

describe("RFC 3515: whoever sends a REFER", () => {
  //= RFC 3515 §2.4.5
  //# The response class in this status line indicates the status of the referred action.
  test("§2.4.5: hears how far it is, each step once, until there is an end", () => {
    const life = asks(response(200), report(100), report(180), report(180), report(200));
    expect(life).toEqual([
      "Following: Progress 100",
      "Following: ",
      "Following: Progress 180",
      "Following: ",
      "Terminated: Succeeded 200",
    ]);
    expect(asks(response(200), report(486)).at(-1)).toBe("Terminated: Failed 486");
  });

  //= RFC 3515 §2.4.4
  //# Analogous to the case for SUBSCRIBE described in that document, the agent that issued the
  //# REFER MUST be prepared to receive a NOTIFY before the REFER transaction completes.
  test("§2.4.4: takes a NOTIFY before the answer, and more so if no answer ever comes", () => {
    expect(asks(report(100), response(200), report(200))).toEqual([
      "Following: Progress 100",
      "Following: ",
      "Terminated: Succeeded 200",
    ]);
    expect(asks(report(180), response(408), report(200)).at(-1)).toBe("Terminated: Succeeded 200");
    expect(asks(report(100), response(603)).at(-1)).toBe("Terminated: Failed 603 (refused)");
  });

  //= RFC 7647 §5
  //# Specifically, an element accepting a REFER request MUST NOT reply with a 202 response code and
  //# MUST treat any 202 responses received as identical to a 200 response.
  test("RFC 7647 §5: takes a 202 for a 200", () => {
    expect(asks(response(202))).toEqual(asks(response(200)));
  });

  //= RFC 3515 §2.4.4
  //# Note that agents accepting REFER and not wishing to hold subscription state can terminate the
  //# subscription with this initial NOTIFY.
  test("§2.4.4: knows that they agreed where nothing more is said, and no more than that", () => {
    expect(asks(response(200), report(100), over(true)).at(-1)).toBe("Terminated: Accepted");
    expect(asks(response(200, false))).toEqual(["Terminated: Accepted"]);
    expect(asks(response(200), over(false)).at(-1)).toBe("Terminated: Failed 408");
  });

  test("§2.4.2: hears of a refusal, and of silence", () => {
    expect(asks(response(603))).toEqual(["Terminated: Failed 603 (refused)"]);
    expect(asks(over(false), response(408)).at(-1)).toBe("Terminated: Failed 408 (refused)");
  });
});

const PARAMS = { answerMs: 1000, decideMs: 60_000 };
const is = (...script: readonly (readonly [number, referee.Input])[]) =>
  told(lifeOf(referee, PARAMS, script)).slice(1);
const final = (status: number): referee.Input => ({ kind: "Final", status });
const progress = (status: number): referee.Input => ({ kind: "Progress", status });
const allow: referee.Input = { kind: "Allow" };
const refuse: referee.Input = { kind: "Refuse", status: 603 };

describe("RFC 3515: whoever gets a REFER", () => {
  test("§2.4.2: asks first, does it then, and tells how far it is", () => {
    const life = is([1, allow], [2, progress(180)], [3, progress(180)], [4, final(200)]);
    expect(life).toEqual([
      "Following: Answer 200 (allowed), Follow",
      "Following: Tell 180",
      "Following: ",
      "Terminated: TellLast 200",
    ]);
    expect(is([1, refuse])).toEqual(["Terminated: Answer 603"]);
  });

  //= RFC 3515 §2.4.2
  //# If no final response has been generated according to the rules above, the UA MUST return a
  //# 202 Accepted response before the REFER transaction expires.
  //= RFC 7647 §5
  //# Wherever [RFC3515] requires sending a 202 response code, a 200 response code MUST be sent
  //# instead.
  test("§2.4.2: answers after a second though nobody has decided, and tells later", () => {
    expect(is([1500, allow])).toEqual(["Undecided: Answer 200", "Following: Granted, Follow"]);
    expect(is([1500, refuse]).at(-1)).toBe("Terminated: TellLast 603");
    expect(is([61_000, refuse])).toEqual([
      "Undecided: Answer 200",
      "Terminated: Lapsed, TellLast 603",
      "Terminated: ",
    ]);
  });
});
