/** What holds for every machine, whatever comes: it can be ended, is silent then, never floods. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Machine } from "../transaction/arrows.ts";
import { DEFAULT_BACK_OFF } from "./back-off.ts";
import type { DnsSdRecord } from "./dns-sd.ts";
import {
  announcement,
  composingReceiver,
  composingSender,
  neighbourhood,
  notifier,
  publicationState,
  publisher,
  reconnection,
  redirection,
  referee,
  referrer,
  registration,
  reliableProvisionalClient,
  reliableProvisionalServer,
  sessionModification,
  sessionTimer,
  subscriber,
} from "./index.ts";
import type { Kind, Named } from "./picture.ts";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const seconds = fc.oneof(fc.constant(undefined), fc.nat(4000), fc.constant(2 ** 32 - 1));
const status = fc.oneof(
  fc.integer({ min: 200, max: 699 }),
  fc.constantFrom(200, 204, 302, 408, 412, 422, 423, 481, 491, 500, 503),
);
const kinds = <K extends string>(...all: K[]) => fc.constantFrom(...all.map((kind) => ({ kind })));
const yes = fc.boolean();

/** A response with everything that any machine may want to know of it. */
const response = fc.record({
  kind: fc.constant("Response" as const),
  status,
  expiresSeconds: seconds,
  minExpiresSeconds: seconds,
  retryAfterSeconds: seconds,
  etag: fc.constantFrom(undefined, "a", "b"),
  redirected: yes,
  method: fc.constantFrom("INVITE" as const, "UPDATE" as const),
  random,
});

interface Subject {
  readonly name: string;
  readonly run: (check: Check) => void;
}
type Check = <P, S extends Named, I extends Kind, O extends Kind>(
  machine: Machine<P, S, I, O>,
  params: P,
  input: fc.Arbitrary<I>,
  end: I,
) => void;

const ABANDON = { kind: "Abandon" } as const;
const back = { backOff: DEFAULT_BACK_OFF };
const change = fc.record({
  method: fc.constantFrom("INVITE" as const, "UPDATE" as const),
  offer: yes,
});
const side = fc.constantFrom("Local" as const, "Remote" as const);

const subjects: readonly Subject[] = [
  {
    name: "reliableProvisionalServer",
    run: (check) => {
      const description = fc.constantFrom(undefined, "Offer" as const, "Answer" as const);
      const one = fc.record({
        id: fc.nat(9),
        status: fc.integer({ min: 101, max: 199 }),
        description,
      });
      const rack = fc
        .integer({ min: 1, max: 9 })
        .map((rseq) => ({ rseq, cseq: { number: 7, method: "INVITE" } }));
      const input: fc.Arbitrary<reliableProvisionalServer.Input> = fc.oneof(
        fc.record({ kind: fc.constant("Provisional" as const), response: one }),
        fc.record({ kind: fc.constant("Prack" as const), rack, description: yes }),
        fc.record({ kind: fc.constant("Final" as const), status }),
        kinds("Tick"),
      );
      const params = { cseq: 7, inviteOffered: true, firstRSeq: 1, t1: 500 };
      check(reliableProvisionalServer, params, input, ABANDON);
    },
  },
  {
    name: "reliableProvisionalClient",
    run: (check) => {
      const provisional = fc.record({
        kind: fc.constant("Provisional" as const),
        status: fc.integer({ min: 100, max: 199 }),
        required: yes,
        rseq: fc.oneof(fc.constant(undefined), fc.nat(9)),
        toTag: fc.constantFrom("", "bob"),
        description: yes,
      });
      const input: fc.Arbitrary<reliableProvisionalClient.Input> = fc.oneof(
        provisional,
        kinds("Tick", "Final"),
      );
      check(reliableProvisionalClient, { inviteOffered: false }, input, ABANDON);
    },
  },
  {
    name: "sessionTimer",
    run: (check) => {
      const session = fc.record({ intervalSeconds: fc.nat(4000), refresher: side });
      const input: fc.Arbitrary<sessionTimer.Input> = fc.oneof(
        fc.record({
          kind: fc.constant("Agreed" as const),
          session: fc.oneof(session, fc.constant(undefined)),
        }),
        fc.record({ kind: fc.constant("MinSe" as const), seconds: fc.nat(4000) }),
        fc.record({
          kind: fc.constant("Refused" as const),
          status: status.filter((s) => s >= 300),
          minSeSeconds: seconds,
        }),
        kinds("Tick"),
      );
      check(sessionTimer, { peerAllowsUpdate: true }, input, ABANDON);
    },
  },
  {
    name: "sessionModification",
    run: (check) => {
      const method = fc.constantFrom("INVITE" as const, "UPDATE" as const);
      const offer = fc.record({
        by: side,
        in: fc.constantFrom("INVITE" as const, "PRACK" as const),
      });
      const input: fc.Arbitrary<sessionModification.Input> = fc.oneof(
        fc.record({ kind: fc.constant("Modify" as const), change }),
        fc.record({ kind: fc.constant("Received" as const), change, random }),
        fc.record({ kind: fc.constant("Replied" as const), method, status }),
        fc.record({ kind: fc.constant("Offered" as const), offer }),
        response,
        kinds("Ack", "Answered", "Tick"),
      );
      check(sessionModification, { ownsCallId: true, t1: 500, initial: undefined }, input, ABANDON);
    },
  },
  {
    name: "subscriber",
    run: (check) => {
      const reason = fc.constantFrom(
        undefined,
        "deactivated",
        "probation",
        "rejected",
        "timeout",
        "x",
      );
      const notify = fc.record({
        kind: fc.constant("Notify" as const),
        state: fc.constantFrom("active" as const, "pending" as const, "terminated" as const),
        expiresSeconds: seconds,
        reason,
        retryAfterSeconds: seconds,
      });
      const input: fc.Arbitrary<subscriber.Input> = fc.oneof(
        notify,
        response,
        kinds("Refresh", "Refresh", "Unsubscribe", "Tick", "Tick"),
      );
      const params = { expiresSeconds: 600, t1: 500, forks: true, retrySeconds: 300 };
      check(subscriber, params, input, ABANDON);
    },
  },
  {
    name: "notifier",
    run: (check) => {
      const input: fc.Arbitrary<notifier.Input> = fc.oneof(
        fc.record({ kind: fc.constant("Subscribe" as const), expiresSeconds: seconds }),
        response,
        fc.record({
          kind: fc.constant("End" as const),
          reason: fc.constantFrom("deactivated" as const, "giveup" as const),
          retryAfterSeconds: seconds,
        }),
        kinds("Changed", "Changed", "Granted", "Tick"),
      );
      const policy = { defaultSeconds: 3600, minSeconds: 60, maxSeconds: 7200, minGapMs: 5000 };
      check(notifier, { askedSeconds: 600, granted: false, policy }, input, ABANDON);
    },
  },
  {
    name: "redirection",
    run: (check) => {
      const uri = fc.constantFrom("sip:a@b.example", "sip:c@b.example", "sips:a@b.example", "x");
      const contact = fc.record({ uri, q: random });
      const input: fc.Arbitrary<redirection.Input> = fc.oneof(
        fc.record({
          kind: fc.constant("Redirected" as const),
          status: fc.integer({ min: 300, max: 399 }),
          contacts: fc.array(contact, { maxLength: 5 }),
        }),
        fc.record({ kind: fc.constant("Failed" as const), status }),
        fc.record({ kind: fc.constant("Decided" as const), goOn: yes }),
      );
      const params = { target: "sip:bob@a.example", maxRedirections: 3, maxTargets: 5 };
      check(redirection, params, input, ABANDON);
    },
  },
  {
    name: "referrer",
    run: (check) => {
      const input: fc.Arbitrary<referrer.Input> = fc.oneof(
        fc.record({ kind: fc.constant("Response" as const), status, reports: yes }),
        fc.record({
          kind: fc.constant("Report" as const),
          status: fc.integer({ min: 100, max: 699 }),
        }),
        fc.record({ kind: fc.constant("Unsubscribed" as const), told: yes }),
      );
      check(referrer, {}, input, ABANDON);
    },
  },
  {
    name: "referee",
    run: (check) => {
      const input: fc.Arbitrary<referee.Input> = fc.oneof(
        fc.record({ kind: fc.constant("Refuse" as const), status }),
        fc.record({ kind: fc.constant("Final" as const), status }),
        fc.record({
          kind: fc.constant("Progress" as const),
          status: fc.integer({ min: 100, max: 199 }),
        }),
        kinds("Allow", "Tick"),
      );
      check(referee, { answerMs: 1000, decideMs: 60_000 }, input, ABANDON);
    },
  },
  {
    name: "publisher",
    run: (check) => {
      const input: fc.Arbitrary<publisher.Input> = fc.oneof(
        { weight: 3, arbitrary: response },
        { weight: 3, arbitrary: kinds("Modify", "Tick") },
        { weight: 1, arbitrary: kinds("Remove") },
      );
      check(publisher, { expiresSeconds: 600, etag: undefined, ...back }, input, ABANDON);
    },
  },
  {
    name: "publicationState",
    run: (check) => {
      let n = 0;
      const publish = fc.record({
        kind: fc.constant("Publish" as const),
        ifMatch: fc.constantFrom<readonly string[]>([], ["a"], ["a", "b"]),
        expiresSeconds: seconds,
        body: fc.constantFrom("None" as const, "Understood" as const, "Strange" as const),
        newEtag: fc.nat().map((any) => `${any} ${n++}`),
      });
      const input: fc.Arbitrary<publicationState.Input> = fc.oneof(publish, kinds("Tick"));
      const params = { defaultSeconds: 600, minSeconds: 60, maxSeconds: 3600, maxPublications: 5 };
      check(publicationState, params, input, ABANDON);
    },
  },
  {
    name: "composingSender",
    run: (check) => {
      const input: fc.Arbitrary<composingSender.Input> = kinds(
        ...(["Composing", "Composing", "ContentSent", "Stop", "Unsupported", "Tick"] as const),
      );
      check(composingSender, composingSender.COMPOSING_DEFAULTS, input, ABANDON);
    },
  },
  {
    name: "composingReceiver",
    run: (check) => {
      const told = fc.record({
        kind: fc.constant("Told" as const),
        state: fc.constantFrom("active" as const, "idle" as const),
        refreshSeconds: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
      });
      const input: fc.Arbitrary<composingReceiver.Input> = fc.oneof(
        told,
        kinds("ContentReceived", "Tick"),
      );
      check(composingReceiver, {}, input, ABANDON);
    },
  },
  {
    name: "announcement",
    run: (check) => {
      const label = fc.constantFrom("Alice", "alice (2)", "x");
      const input: fc.Arbitrary<announcement.Input> = fc.oneof(
        kinds("Asked", "Changed", "Tick"),
        fc.record({ kind: fc.constant("Conflict" as const), label }),
      );
      check(announcement, { label: "Alice" }, input, { kind: "Leave" });
    },
  },
  {
    name: "neighbourhood",
    run: (check) => {
      const name = fc.constantFrom("a._sip._udp.local", "b._sip._udp.local", "h.local", "x");
      const ttl = fc.constantFrom(0, 1, 120, 2 ** 31);
      const record: fc.Arbitrary<DnsSdRecord> = fc.oneof(
        fc.record({ type: fc.constant("PTR" as const), name, target: name, ttl }),
        fc.record({ type: fc.constant("SRV" as const), name, target: name, port: fc.nat(9), ttl }),
        fc.record({ type: fc.constant("TXT" as const), name, texts: fc.array(name), ttl }),
        fc.record({ type: fc.constant("A" as const), name, address: fc.string(), ttl }),
      );
      const heard = fc.record({ kind: fc.constant("Heard" as const), records: fc.array(record) });
      const input: fc.Arbitrary<neighbourhood.Input> = fc.oneof(heard, kinds("Tick"));
      check(neighbourhood, { own: () => "b._sip._udp.local" }, input, ABANDON);
    },
  },
  {
    name: "reconnection",
    run: (check) => {
      const input: fc.Arbitrary<reconnection.Input> = fc.oneof(
        kinds("CutOff", "Back", "Moved", "Refreshed", "Tick"),
        fc.record({ kind: fc.constant("Response" as const), status, random }),
      );
      check(reconnection, { keepMs: 60_000, delayMs: 400, ...back }, input, ABANDON);
    },
  },
  {
    name: "registration",
    run: (check) => {
      const input: fc.Arbitrary<registration.Input> = fc.oneof(
        response,
        fc.record({ kind: fc.constant("FlowLost" as const), random }),
        kinds("Refresh", "Refresh", "Tick", "Tick", "Stop"),
      );
      check(registration, { expiresSeconds: 600, spreadMs: 2000, ...back }, input, ABANDON);
    },
  },
];

const ENDS = new Set(["Terminated", "Finished"]);

describe.each(subjects)("$name", ({ run }) => {
  test("whatever comes, whenever: abandoned it ends, and is silent after its end", () => {
    run((machine, params, input, end) => {
      const tick = { kind: "Tick" } as typeof end;
      const events = fc.array(fc.tuple(input, fc.nat(700_000)), { maxLength: 40 });
      fc.assert(
        fc.property(events, (all) => {
          let now = 0;
          let [s] = machine.start(params, now);
          for (const [one, wait] of all) {
            now += wait;
            const [next, ...outputs] = machine.step(params, s, one, now);
            if (s.name === "Terminated") expect([next, ...outputs]).toEqual([s]);
            s = next;
            const [ticked] = machine.step(params, s, tick, now);
            expect(machine.deadline(ticked)).toBeGreaterThan(now);
          }
          [s] = machine.step(params, s, end, now);
          expect(ENDS).toContain(s.name);
          expect(machine.deadline(s)).toBe(Number.POSITIVE_INFINITY);
          for (const [one] of all) expect(machine.step(params, s, one, now)).toEqual([s]);
        }),
      );
    });
  });

  test("a step is a function of what goes into it, and changes none of it", () => {
    run((machine, params, input) => {
      fc.assert(
        fc.property(fc.array(input, { maxLength: 12 }), (all) => {
          let [s] = machine.start(params, 0);
          for (const [n, one] of all.entries()) {
            const before = JSON.stringify([s, one]);
            const first = machine.step(params, s, one, 1000 * n);
            expect(machine.step(params, s, one, 1000 * n)).toEqual(first);
            expect(JSON.stringify([s, one])).toBe(before);
            s = first[0];
          }
        }),
      );
    });
  });

  test("left alone it wakes up seldom: no more than 60 times an hour", () => {
    run((machine, params, input) => {
      fc.assert(
        fc.property(fc.array(input, { maxLength: 12 }), (all) => {
          let [s] = machine.start(params, 0);
          for (const one of all) [s] = machine.step(params, s, one, 0);
          const tick = { kind: "Tick" } as (typeof all)[number];
          let ticks = 0;
          for (let now = machine.deadline(s); now < 3_600_000; now = machine.deadline(s)) {
            ticks++;
            [s] = machine.step(params, s, tick, now);
          }
          expect(ticks).toBeLessThanOrEqual(60);
        }),
      );
    });
  });
});

/** A peer that answers every request at once with whatever it likes, for ten minutes. */
function requestsTo<P, S extends Named, I extends Kind, O extends Kind>(
  machine: Machine<P, S, I | { readonly kind: "Tick" }, O>,
  params: P,
  first: readonly [S, ...O[]],
  isRequest: (output: O) => boolean,
  answers: Iterator<I>,
): number {
  let [s, ...outputs] = first;
  let requests = 0;
  for (let now = 0; now < 600_000; ) {
    const asked = outputs.filter(isRequest).length;
    requests += asked;
    if (requests > 1000) return requests;
    if (asked > 0) {
      [s, ...outputs] = machine.step(params, s, answers.next().value, now);
    } else {
      now = machine.deadline(s);
      [s, ...outputs] = machine.step(params, s, { kind: "Tick" }, now);
    }
  }
  return requests;
}

describe("no answer makes a machine flood", () => {
  test("a registrar's: at most 160 REGISTERs in ten minutes", () => {
    const p = { expiresSeconds: 600, spreadMs: 2000, ...back };
    fc.assert(
      fc.property(fc.infiniteStream(response), (answers) => {
        const begun = registration.start(p, 0);
        const isRequest = ({ kind }: Kind) => kind === "Register" || kind === "Redirect";
        expect(requestsTo(registration, p, begun, isRequest, answers)).toBeLessThanOrEqual(160);
      }),
    );
  });

  test("a compositor's: at most 250 PUBLISHes", () => {
    const p = { expiresSeconds: 600, etag: undefined, ...back };
    fc.assert(
      fc.property(fc.infiniteStream(response), (answers) => {
        const begun = publisher.start(p, 0);
        const isRequest = ({ kind }: Kind) => kind === "Publish";
        expect(requestsTo(publisher, p, begun, isRequest, answers)).toBeLessThanOrEqual(250);
      }),
    );
  });

  test("the other phone's, refusing every refresh: at most 30 refreshes", () => {
    const refused = fc.record({
      kind: fc.constant("Refused" as const),
      status: fc.constantFrom(422, 491, 500, 503),
      minSeSeconds: fc.nat(2 ** 31),
    });
    fc.assert(
      fc.property(fc.infiniteStream(refused), (answers) => {
        const p = { peerAllowsUpdate: true };
        const session = { intervalSeconds: 300, refresher: "Local" } as const;
        const begun = sessionTimer.step(
          p,
          { name: "Off", minSeSeconds: undefined },
          { kind: "Agreed", session },
          0,
        );
        const isRequest = ({ kind }: Kind) => kind === "Refresh";
        expect(requestsTo(sessionTimer, p, begun, isRequest, answers)).toBeLessThanOrEqual(30);
      }),
    );
  });
});
