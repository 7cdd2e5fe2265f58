import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lifeOf, printStep } from "./picture.ts";
import * as state from "./publication-state.ts";

const { judgePublish, start, step } = state;
type Publish = state.Publish;

const p: state.Params = {
  defaultSeconds: 3600,
  minSeconds: 60,
  maxSeconds: 1800,
  maxPublications: 2,
};

const asks = (newEtag: string, more: Partial<Publish> = {}): state.Input => ({
  ...{ kind: "Publish", ifMatch: [], expiresSeconds: 3600, body: "Understood", newEtag },
  ...more,
});

function told(...inputs: readonly state.Input[]): readonly string[] {
  let [s] = start(p, 0);
  return inputs.map((input) => {
    const [next, ...outputs] = step(p, s, input, 0);
    s = next;
    return printStep([{ name: next.name }, ...outputs]);
  });
}

//= RFC 3903 §6
//# If not, the ESC MUST return a 404 (Not Found) response and skip the remaining steps.
//= RFC 3903 §6
//# If the Event header field is missing or contains an event package which the ESC does not
//# support, the ESC MUST respond to the PUBLISH request with a 489 (Bad Event) response, and skip
//# the remaining steps.
test("RFC 3903 §6: 404 for whom it does not keep state, 489 for what it does not know", () => {
  expect(judgePublish({ resourceKnown: false, packageKnown: false })).toBe(404);
  expect(judgePublish({ resourceKnown: true, packageKnown: false })).toBe(489);
  expect(judgePublish({ resourceKnown: true, packageKnown: true })).toBe(undefined);
});

//= RFC 3903 §6
//# If the request does not contain a SIP-If-Match header field, the ESC MUST generate and store a
//# locally unique entity-tag for identifying the publication.
//= RFC 3903 §6
//# The response MUST contain an Expires header field indicating the expiration interval chosen by
//# the ESC. The response MUST also contain a SIP-ETag header field that contains a single
//# entity-tag identifying the publication. The ESC MUST generate a new entity-tag for each
//# successful publication, replacing any previous entity-tag associated with that event state.
test("RFC 3903 §15: a publication, its refresh and its change, each with a new entity-tag", () => {
  expect(
    told(
      asks("dx200"),
      asks("kwj449", { ifMatch: ["dx200"], body: "None" }),
      asks("qwi982", { ifMatch: ["kwj449"] }),
      asks("last", { ifMatch: ["qwi982"], body: "None", expiresSeconds: 0 }),
    ),
  ).toEqual([
    "Holding | Accept (etag dx200, expiresSeconds 1800) | Store (etag dx200)",
    "Holding | Accept (etag kwj449, expiresSeconds 1800) | Rename (etag kwj449, replaces dx200)",
    "Holding | Accept (etag qwi982, expiresSeconds 1800) | Store (etag qwi982, replaces kwj449)",
    "Empty | Accept (etag last, expiresSeconds 0) | Drop (etag qwi982)",
  ]);
});

//= RFC 3903 §6
//# If the request has an Expires header field, that value MUST be taken as the requested
//# expiration.
//= RFC 3903 §6
//# Else, a locally-configured default value MUST be taken as the requested expiration.
test("RFC 3903 §6: it lasts as long as asked for, or as we say, and then is dropped", () => {
  const lives = (expiresSeconds: number | undefined) =>
    lifeOf(state, p, [[1000, asks("a", { expiresSeconds })]]).at(-1);
  expect(lives(600)).toBe("601000 Tick = Empty | Drop (etag a)");
  expect(lives(90_000)).toBe("1801000 Tick = Empty | Drop (etag a)");
  expect(lives(undefined)).toBe("1801000 Tick = Empty | Drop (etag a)");
});

//= RFC 3903 §6
//# If the chosen expiration interval has a special value of "0", the event state identified by the
//# entity-tag MUST be immediately removed. The ESC MUST NOT store any event state as a result of
//# such a request.
test("RFC 3903 §6: an Expires of 0 stores nothing, and removes what it names", () => {
  expect(told(asks("a", { expiresSeconds: 0 }))).toEqual([
    "Empty | Accept (etag a, expiresSeconds 0)",
  ]);
  const gone = asks("b", { ifMatch: ["a"], expiresSeconds: 0 });
  expect(told(asks("a"), gone)[1]).toBe(
    "Empty | Accept (etag b, expiresSeconds 0) | Drop (etag a)",
  );
});

describe("refusals", () => {
  //= RFC 3903 §6
  //# Else, if the request has a SIP-If-Match header field, the ESC checks whether the header field
  //# contains a single entity-tag. If not, the request is invalid, and the ESC MUST return with a
  //# 400 (Invalid Request) response and skip the remaining steps.
  test("RFC 3903 §6: 400 to several entity-tags", () => {
    expect(told(asks("b", { ifMatch: ["a", "b"] }))).toEqual(["Empty | Refuse 400"]);
  });

  //= RFC 3903 §6
  //# If no match is found, the ESC MUST reject the publication with a response of 412 (Conditional
  //# Request Failed), and skip the remaining steps.
  test("RFC 3903 §6: 412 to one that is not there, or no longer", () => {
    const modified = asks("b", { ifMatch: ["a"] });
    expect(told(modified, asks("a"), modified, modified)).toEqual([
      "Empty | Refuse 412",
      "Holding | Accept (etag a, expiresSeconds 1800) | Store (etag a)",
      "Holding | Accept (etag b, expiresSeconds 1800) | Store (etag b, replaces a)",
      "Holding | Refuse 412",
    ]);
    const [holding] = step(p, start(p, 0)[0], asks("a"), 0);
    expect(printStep(step(p, holding, modified, 1_800_000))).toBe(
      "Empty | Drop (etag a) | Refuse 412",
    );
  });

  //= RFC 3903 §6
  //# Only if the requested expiration interval is greater than zero and less than a
  //# locally-configured minimum, the ESC MAY reject the publication with a response of 423
  //# (Interval Too Brief), and skip the remaining steps. This response MUST contain a Min-Expires
  //# header field that states the minimum expiration interval the ESC is willing to honor.
  test("RFC 3903 §6: 423 to less than the minimum, but not to 0", () => {
    const at = (expiresSeconds: number) => told(asks("a", { expiresSeconds }))[0];
    expect(at(59)).toBe("Empty | Refuse 423 (minExpiresSeconds 60)");
    expect(at(60)).toContain("Accept");
    expect(at(0)).toContain("Accept");
  });

  //= RFC 3903 §6
  //# If the content type of the request does not match the event package, or is not understood by
  //# the ESC, the ESC MUST reject the request with an appropriate response, such as 415
  //# (Unsupported Media Type), and skip the remainder of the steps.
  //= RFC 3903 §6
  //# If the request has no message body and contained no entity-tag, the ESC SHOULD reject the
  //# request with an appropriate response, such as 400 (Invalid Request), and skip the remainder of
  //# the steps.
  test("RFC 3903 §6: 415 to a strange body, 400 to none at the beginning", () => {
    expect(told(asks("a", { body: "Strange" }), asks("a", { body: "None" }))).toEqual([
      "Empty | Refuse 415",
      "Empty | Refuse 400",
    ]);
  });

  test("503 when too many publish for one; who does already may go on", () => {
    const lines = told(asks("a"), asks("b"), asks("c"), asks("c", { ifMatch: ["a"] }));
    expect(lines.slice(2)).toEqual([
      "Holding | Refuse 503",
      "Holding | Accept (etag c, expiresSeconds 1800) | Store (etag c, replaces a)",
    ]);
  });

  test("an entity-tag that is in use is the caller's mistake", () => {
    expect(() => told(asks("a"), asks("a"))).toThrow(RangeError);
  });
});

//= RFC 3903 §6
//# The processing of the PUBLISH request MUST be atomic.
//= RFC 3903 §6
//# PUBLISH requests with the same Request-URI MUST be processed in the order that they are
//# received. PUBLISH requests MUST also be processed atomically, meaning that a particular PUBLISH
//# request is either processed completely or not at all.
test("RFC 3903 §6: whatever comes, what is stored is what was accepted and not dropped", () => {
  const any = fc.record({
    ifMatch: fc.oneof(
      fc.constant([]),
      fc.nat(20).map((n) => [`e${n}`]),
    ),
    expiresSeconds: fc.oneof(fc.constant(undefined), fc.nat(4000)),
    body: fc.constantFrom("None", "Understood", "Strange") as fc.Arbitrary<Publish["body"]>,
    waitMs: fc.nat(900_000),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 30 }), (all) => {
      const stored = new Set<string>();
      let [s] = start(p, 0);
      let now = 0;
      for (const [n, { waitMs, ...asked }] of all.entries()) {
        now += waitMs;
        const input: state.Input = { kind: "Publish", ...asked, newEtag: `e${n}` };
        const [next, ...outputs] = step(p, s, input, now);
        s = next;
        for (const one of outputs) {
          if (one.kind === "Drop") expect(stored.delete(one.etag)).toBe(true);
          if (one.kind !== "Store" && one.kind !== "Rename") continue;
          if (one.replaces !== undefined) expect(stored.delete(one.replaces)).toBe(true);
          stored.add(one.etag);
        }
        const kept = s.name === "Holding" ? s.publications : [];
        expect(new Set(kept.map(({ etag }) => etag))).toEqual(stored);
        expect(kept.length).toBeLessThanOrEqual(2);
        for (const { timerExpires } of kept) expect(timerExpires).toBeGreaterThan(now);
      }
    }),
  );
});
