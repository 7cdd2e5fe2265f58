import { describe, expect, test } from "vitest";
import { DEFAULT_BACK_OFF } from "./back-off.ts";
import { lifeOf } from "./picture.ts";
import * as publicationState from "./publication-state.ts";
import * as publisher from "./publisher.ts";

type Input = publisher.Input;
type Output = publisher.Output;

const p: publisher.Params = {
  expiresSeconds: 3600,
  backOff: DEFAULT_BACK_OFF,
  etag: undefined,
};

const nothing = { etag: undefined, expiresSeconds: undefined, minExpiresSeconds: undefined };
const published = (etag: string, expiresSeconds = 3600): Input => ({
  ...{ kind: "Response", status: 200, ...nothing, etag, expiresSeconds },
  ...{ retryAfterSeconds: undefined, random: 0.5 },
});
const refused = (
  status: number,
  minExpiresSeconds?: number,
  retryAfterSeconds?: number,
): Input => ({
  ...{ kind: "Response", status, ...nothing, minExpiresSeconds },
  ...{ retryAfterSeconds, random: 0.5 },
});
const modify: Input = { kind: "Modify" };
const remove: Input = { kind: "Remove" };

type Script = readonly (readonly [number, Input])[];

function told(script: Script, max = 12, params = p): readonly string[] {
  return lifeOf(publisher, params, script, max).map((line) => {
    const [when = "", became = ""] = line.split(" = ");
    return `${when.split(" ")[0]} ${became.split(" | ").slice(1).join(", ")}`;
  });
}

const initial = "Publish Initial (expiresSeconds 3600)";

//= RFC 3903 §4.3
//# To refresh a publication, the EPA MUST create a PUBLISH request that includes in a SIP-If-Match
//# header field the entity-tag of the publication to be refreshed.
//= RFC 3903 §4.3
//# The EPA MUST store this entity-tag, replacing any existing entity-tag for the refreshed event
//# state.
//= RFC 3903 §4.4
//# The EPA MUST store this entity-tag, replacing any existing entity-tag for the modified event
//# state.
//= RFC 3903 §4.4
//# To modify event state, the EPA MUST construct a PUBLISH request that includes in a SIP-If-Match
//# header field the entity-tag of the event state publication to be modified.
test("RFC 3903 §15: published, refreshed, modified, each with the latest entity-tag", () => {
  const script = [
    [50, published("dx200xyz", 1800)],
    [1_200_100, published("kwj449x", 1800)],
    [1_300_000, modify],
    [1_300_050, published("qwi982ks")],
    [1_400_000, remove],
    [1_400_050, published("another", 0)],
  ] as const;
  expect(told(script)).toEqual([
    `0 ${initial}`,
    "50 Published (expiresSeconds 1800)",
    "1200050 Publish Refresh (etag dx200xyz, expiresSeconds 3600)",
    "1200100 Published (expiresSeconds 1800)",
    "1300000 Publish Modify (etag kwj449x, expiresSeconds 3600)",
    "1300050 Published (expiresSeconds 3600)",
    "1400000 Publish Remove (etag qwi982ks, expiresSeconds 0)",
    "1400050 Removed",
  ]);
});

//= RFC 3903 §4.2
//# However, if the EPA expects an appropriate, locally stored entity-tag to still be valid, it
//# SHOULD first try to modify that event state as described in Section 4.4, instead of submitting
//# an initial publication.
test("RFC 3903 §4.2: an entity-tag of before is tried first", () => {
  const params = { ...p, etag: "old" };
  expect(told([[50, refused(412)]], 2, params)).toEqual([
    "0 Publish Modify (etag old, expiresSeconds 3600)",
    `50 ${initial}`,
  ]);
});

//= RFC 3903 §4
//# EPAs MUST NOT send a new PUBLISH request (not a re-transmission) for the same Request-URI, until
//# they have received a final response from the ESC for the previous one or the previous PUBLISH
//# request has timed out.
test("RFC 3903 §4: one PUBLISH at a time; what changes meanwhile goes into the next", () => {
  const script = [
    [10, modify],
    [20, modify],
    [50, published("a")],
    [60, remove],
    [70, published("b")],
    [80, modify],
    [90, published("c", 0)],
  ] as const;
  expect(told(script)).toEqual([
    `0 ${initial}`,
    "10 ",
    "20 ",
    "50 Published (expiresSeconds 3600), Publish Modify (etag a, expiresSeconds 3600)",
    "60 ",
    "70 Published (expiresSeconds 3600), Publish Remove (etag b, expiresSeconds 0)",
    "80 ",
    "90 Removed",
  ]);
});

describe("refusals", () => {
  test("RFC 3261 §20.33: wait for as long as they say, and an hour at most", () => {
    for (const [said, waited] of [
      [1000, 1000],
      [4_294_967_295, 3600],
    ] as const) {
      const script = [[50, refused(503, undefined, said)]] as const;
      expect(told(script, 3).at(-1)).toBe(`${1000 * waited + 50} ${initial}`);
    }
  });

  //= RFC 3903 §5
  //# If an EPA receives a 412 (Conditional Request Failed) response, it MUST NOT reattempt the
  //# PUBLISH request. Instead, to publish event state, the EPA SHOULD perform an initial
  //# publication, i.e., a PUBLISH request without a SIP-If-Match header field, as described in
  //# Section 4.2. The EPA MUST also discard the entity-tag that produced this error response.
  test("RFC 3903 §5: after a 412 it begins anew, without the entity-tag", () => {
    const script = [
      [50, published("a", 1800)],
      [1_200_100, refused(412)],
      [1_200_150, published("b", 1800)],
    ] as const;
    expect(told(script, 6).slice(2)).toEqual([
      "1200050 Publish Refresh (etag a, expiresSeconds 3600)",
      `1200100 ${initial}`,
      "1200150 Published (expiresSeconds 1800)",
      "2400150 Publish Refresh (etag b, expiresSeconds 3600)",
    ]);
    expect(told([[50, refused(412)]])).toEqual([`0 ${initial}`, "50 Refused 412"]);
  });

  //= RFC 3903 §5
  //# If an EPA receives a 423 (Interval Too Brief) response to a PUBLISH request, it MAY retry the
  //# publication after changing the expiration interval in the Expires header field to be equal to
  //# or greater than the expiration interval within the Min-Expires header field of the 423
  //# (Interval Too Brief) response.
  test("RFC 3903 §5: a 423 is obeyed, once", () => {
    const script = [
      [50, refused(423, 7200)],
      [60, refused(423, 9000)],
    ] as const;
    expect(told(script)).toEqual([
      `0 ${initial}`,
      "50 Publish Initial (expiresSeconds 7200)",
      "60 Refused 423",
    ]);
    expect(told([[50, refused(423, 60)]])[1]).toBe("50 Refused 423");
    expect(told([[50, refused(300)]])[1]).toBe("50 Refused 300");
  });

  test("silence, faults and Retry-After are waited for, longer each time", () => {
    const script = [
      [0, refused(408)],
      [45_000, { kind: "Tick" }],
      [45_000, refused(500)],
      [135_000, { kind: "Tick" }],
      [135_000, refused(404, undefined, 600)],
    ] as const;
    expect(told(script, 7)).toEqual([
      `0 ${initial}`,
      "0 Lost 408",
      `45000 ${initial}`,
      "45000 Lost 500",
      `135000 ${initial}`,
      "135000 Lost 404",
      `735000 ${initial}`,
    ]);
  });

  test("a change while it waits goes out with the next try, a removal at once", () => {
    const lost = [
      [50, published("a")],
      [3_000_100, refused(500)],
    ] as const;
    expect(told([...lost, [3_000_200, modify]], 6).at(-1)).toBe(
      "3045100 Publish Modify (etag a, expiresSeconds 3600)",
    );
    expect(told([...lost, [3_000_200, remove]], 6).at(-1)).toBe(
      "3000200 Publish Remove (etag a, expiresSeconds 0)",
    );
    const early = [
      [10, remove],
      [50, refused(500)],
    ] as const;
    expect(told(early).at(-1)).toBe("50 Lost 500, Removed");
  });

  test("who grants next to nothing is not asked again at once", () => {
    expect(told([[50, published("a", 1)]], 3)).toEqual([
      `0 ${initial}`,
      "50 Lost 200",
      "45050 Publish Modify (etag a, expiresSeconds 3600)",
    ]);
  });

  test("RFC 3903 §6: without an entity-tag in the 2xx it begins anew instead of refreshing", () => {
    const bare = { ...published("a", 1800), etag: undefined } as Input;
    expect(told([[50, bare]], 3).at(-1)).toBe(`1200050 ${initial}`);
    expect(
      told(
        [
          [50, bare],
          [60, remove],
        ],
        3,
      ).at(-1),
    ).toBe("60 Removed");
  });
});

test("RFC 3903 §4, §6: a publisher and a compositor keep a publication for a day", () => {
  const params = { defaultSeconds: 3600, minSeconds: 60, maxSeconds: 1800, maxPublications: 1 };
  let [theirs]: readonly [publicationState.State, ...unknown[]] = publicationState.start(params, 0);
  let [ours, ...said]: readonly [publisher.State, ...Output[]] = publisher.start(p, 0);
  const kept: string[] = [];
  for (let now = 0, n = 0; now < 86_400_000; n++) {
    for (const output of said.splice(0)) {
      if (output.kind !== "Publish") continue;
      const [next, answer, change] = publicationState.step(params, theirs, asked(output, n), now);
      theirs = next;
      if (answer?.kind !== "Accept" || !change) throw new Error(`${now}: ${answer?.kind}`);
      kept.push(change.kind);
      [ours, ...said] = publisher.step(p, ours, published(answer.etag, answer.expiresSeconds), now);
    }
    now = publisher.deadline(ours);
    [ours, ...said] = publisher.step(p, ours, { kind: "Tick" }, now);
  }
  expect(theirs.name).toBe("Holding");
  expect(kept).toEqual(["Store", ...Array.from({ length: 71 }, () => "Rename")]);
});

function asked(output: Extract<Output, { kind: "Publish" }>, n: number): publicationState.Input {
  const { operation, etag, expiresSeconds } = output;
  const body = operation === "Initial" || operation === "Modify" ? "Understood" : "None";
  const ifMatch = etag === undefined ? [] : [etag];
  return { kind: "Publish", ifMatch, expiresSeconds, body, newEtag: `e${n}` };
}
