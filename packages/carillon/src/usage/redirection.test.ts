import { describe, expect, test } from "vitest";
import { lifeOf } from "./picture.ts";
import * as redirection from "./redirection.ts";

const PARAMS = { target: "sip:bob@a.example", maxRedirections: 3, maxTargets: 5 };
const at = (name: string, q = 1) => ({ uri: `sip:${name}@b.example`, q });
const redirected = (status: number, ...contacts: redirection.Target[]): redirection.Input => ({
  ...{ kind: "Redirected", status, contacts },
});
const goOn: redirection.Input = { kind: "Decided", goOn: true };
const failed = (status: number): redirection.Input => ({ kind: "Failed", status });

/** `State: outputs` after each input. */
const life = (...inputs: readonly redirection.Input[]): readonly string[] =>
  lifeOf(
    redirection,
    PARAMS,
    inputs.map((input) => [1, input] as const),
  )
    .slice(1)
    .map((line) => {
      const [state = "", ...outputs] = (line.split(" = ")[1] ?? "").split(" | ");
      return `${state.split(" ")[0]}: ${outputs.join(", ")}`.replaceAll("@b.example", "");
    });

describe("RFC 3261 §8.1.3.4: a call that is sent elsewhere", () => {
  //= RFC 3261 §8.1.3.4
  //# If contacting an address in the list results in a failure, as defined in the next paragraph,
  //# the element moves to the next address in the list, until the list is exhausted. If the list is
  //# exhausted, then the request has failed.
  test("tries one after the other, best first, and fails as the last of them", () => {
    const contacts = [at("low", 0.2), at("high", 0.9), at("plain")];
    expect(life(redirected(302, ...contacts), goOn, failed(486), failed(408), failed(480))).toEqual(
      [
        "Asking: Ask (targets [sip:low, sip:high, sip:plain])",
        "Trying: Try (uri sip:plain)",
        "Trying: Try (uri sip:high)",
        "Trying: Try (uri sip:low)",
        "Terminated: GiveUp 480",
      ],
    );
  });

  //= RFC 3261 §8.1.3.4
  //# As with proxy recursion, a client processing 3xx class responses MUST NOT add any given URI to
  //# the target set more than once.
  test("never goes to an address twice, however it is written", () => {
    const again = { uri: "sip:b%6Fb@A.example", q: 1 };
    expect(life(redirected(302, again))).toEqual(["Terminated: GiveUp 302"]);
    const loop = life(redirected(302, at("x")), goOn, redirected(302, at("y"), again), goOn);
    expect(loop.at(-1)).toBe("Trying: Try (uri sip:y)");
    const round = life(redirected(302, at("x")), goOn, redirected(302, at("x")));
    expect(round.at(-1)).toBe("Terminated: GiveUp 302");
  });

  test("follows so many 3xx and so many contacts, and no more", () => {
    const many = Array.from({ length: 9 }, (_, n) => at(`n${n}`));
    expect(life(redirected(300, ...many))[0]).toBe(
      "Asking: Ask (targets [sip:n0, sip:n1, sip:n2, sip:n3])",
    );
    const steps = ["a", "b", "c", "d"].flatMap((name) => [redirected(302, at(name)), goOn]);
    expect(life(...steps).slice(-2)).toEqual(["Terminated: GiveUp 302", "Terminated: "]);
  });

  test("stops where a person refuses for all of their devices, and at what is no address", () => {
    expect(life(redirected(302, at("x"), at("y")), goOn, failed(603)).at(-1)).toBe(
      "Terminated: GiveUp 603",
    );
    for (const uri of ["tel:+1", "https://b.example", "sips:x@b.example", "bob"]) {
      expect(life(redirected(302, { uri, q: 1 }))).toEqual(["Terminated: GiveUp 302"]);
    }
    expect(life(redirected(305, at("proxy")))).toEqual(["Terminated: GiveUp 305"]);
    expect(life(redirected(380, at("x")))).toEqual(["Terminated: GiveUp 380"]);
  });

  test("goes nowhere if whoever calls does not want it", () => {
    const no: redirection.Input = { kind: "Decided", goOn: false };
    expect(life(redirected(301, at("x")), no).at(-1)).toBe("Terminated: GiveUp 301");
  });
});
