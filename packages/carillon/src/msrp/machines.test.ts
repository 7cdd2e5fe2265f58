/** What holds for the machines of MSRP, whatever comes, and what each makes of each input. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { printPicture } from "../usage/picture.ts";
import * as arriving from "./arriving.ts";
import * as binding from "./binding.ts";
import { msrpPictures } from "./pictures.ts";
import * as sending from "./sending.ts";

test.each(msrpPictures().map((picture) => [picture.title, picture] as const))(
  "every box, every arrow: %s",
  (_, picture) => {
    expect(printPicture(picture)).toMatchSnapshot();
  },
);

const p: sending.Params = {
  total: 50_000,
  reporting: { success: true, failure: "yes" },
  ...{ chunkOctets: 10_000, windowOctets: 25_000, reportMs: 120_000 },
};

const id = fc.constantFrom("aaaa", "bbbb", "cccc", "dddd");
const status = fc.constantFrom(200, 400, 408, 413, 481);
const anySending: fc.Arbitrary<sending.Input> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("Room" as const), octets: fc.nat(20_000), id }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("Response" as const), id, status: fc.constant(200) }),
  },
  fc.record({ kind: fc.constant("Response" as const), id, status }),
  fc.record({
    ...{ kind: fc.constant("Report" as const), start: fc.nat(60_000), end: fc.nat(60_000) },
    status: fc.constant(200),
  }),
  fc.constantFrom({ kind: "Interrupt" }, { kind: "Pause" }, { kind: "Resume" }, { kind: "Tick" }),
  fc.record({ kind: fc.constantFrom("Abort" as const), id }),
);

describe("a message that is sent", () => {
  it("§5.1 goes out octet by octet, in chunks that open and close in turn", () => {
    //= RFC 4975 §5.1
    //# Any chunk that is larger than 2048 octets MUST be interruptible.
    fc.assert(
      fc.property(fc.array(anySending, { maxLength: 60 }), (inputs) => {
        let [s] = sending.start(p, 0);
        let at = 0;
        let open: string | undefined;
        let isOver = false;
        for (const input of inputs) {
          const [next, ...outputs] = sending.step(p, s, input, 0);
          for (const output of outputs) {
            expect(isOver).toBe(false);
            if (output.kind === "Begin") {
              expect([open, output.start]).toEqual([undefined, at]);
              open = output.id;
            } else if (output.kind === "Octets") {
              expect([open !== undefined, output.start]).toEqual([true, at]);
              at = output.end;
            } else if (output.kind === "End") {
              expect(output.id).toBe(open);
              open = undefined;
              if (output.flag === "$") expect(at).toBe(p.total);
            } else if (output.kind !== "Arrived") isOver = true;
          }
          s = next;
          expect(isOver).toBe(s.name === "Done" || s.name === "Failed");
        }
        expect(at).toBeLessThanOrEqual(p.total);
      }),
    );
  });

  it("holds no more than its window beyond what was answered", () => {
    let [s] = sending.start(p, 0);
    let out = 0;
    for (let i = 0; i < 20; i++) {
      const [next, ...outputs] = sending.step(
        p,
        s,
        { kind: "Room", octets: 4000, id: `id${i}x` },
        0,
      );
      for (const one of outputs) if (one.kind === "Octets") out += one.end - one.start;
      s = next;
    }
    expect(out).toBeLessThanOrEqual(p.windowOctets);
    expect(out).toBeGreaterThan(p.windowOctets - 2048);
  });

  it("§7.1.1 is given up 30 s after the last octet of a chunk that nobody answers", () => {
    //= RFC 4975 §7.1.1
    //# If a 200 response to the transaction is not received within 30 seconds from the time the
    //# last byte of the transaction is sent, or submitted to the operating system for sending, the
    //# element MUST inform the user that the request probably failed.
    const [s] = sending.step(
      p,
      sending.start(p, 0)[0],
      { kind: "Room", octets: 10_000, id: "aaaa" },
      1000,
    );
    expect(sending.deadline(s)).toBe(31_000);
    expect(sending.step(p, s, { kind: "Tick" }, 30_999)).toEqual([s]);
    expect(sending.step(p, s, { kind: "Tick" }, 31_000)).toContainEqual({
      kind: "Failed",
      status: 408,
    });
  });

  it("§10.5 interrupts its chunk at a 413, and sends nothing more", () => {
    //= RFC 4975 §10.5
    //# If a message sender receives a 413 in a response, or in a REPORT request, it MUST NOT send
    //# any further chunks in the message, that is, any further chunks with the same Message-ID
    //# value. If the sender receives the 413 while in the process of sending a chunk, and the chunk
    //# is interruptible, the sender MUST interrupt it.
    const [s] = sending.step(
      p,
      sending.start(p, 0)[0],
      { kind: "Room", octets: 4000, id: "aaaa" },
      0,
    );
    const report = { kind: "Report", start: 0, end: 100, status: 413 } as const;
    const [after, ...outputs] = sending.step(p, s, report, 0);
    expect(outputs).toEqual([
      { kind: "End", id: "aaaa", flag: "#" },
      { kind: "Failed", status: 413 },
    ]);
    expect(sending.step(p, after, { kind: "Room", octets: 4000, id: "bbbb" }, 0)).toEqual([after]);
  });

  it("§7.1.1 of nothing goes out as 1-0/0, and is done when it is answered", () => {
    const none = { ...p, total: 0 };
    const [s, ...outputs] = sending.step(
      none,
      sending.start(none, 0)[0],
      { kind: "Room", octets: 0, id: "aaaa" },
      0,
    );
    expect(outputs.map(({ kind }) => kind)).toEqual(["Begin", "End"]);
    expect(sending.step(none, s, { kind: "Response", id: "aaaa", status: 200 }, 0)[0].name).toBe(
      "Done",
    );
  });
});

const q: arriving.Params = { maxOctets: 100, reports: true, reportOctets: 10, idleMs: 1000 };

describe("a message that comes in", () => {
  it("§7.3.1 is whole whatever the order of its chunks, cut anywhere and sent twice", () => {
    //= RFC 4975 §7.3.1
    //# Receivers MUST not assume that the chunks will be delivered in order or that they will
    //# receive all the chunks with "+" flags before they receive the chunk with the "$" flag.
    const size = 60;
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: size - 1 }), { maxLength: 8 });
    fc.assert(
      fc.property(
        cuts,
        fc.array(fc.nat(1000), { minLength: 9, maxLength: 9 }),
        fc.boolean(),
        (at, order, isTold) => {
          const places = [0, ...at.sort((a, b) => a - b), size];
          const chunks = places
            .slice(0, -1)
            .map((from, i) => ({ from, to: places[i + 1] ?? size }));
          const mixed = chunks
            .map((one, i) => ({ one, key: order[i] ?? 0 }))
            .sort((a, b) => a.key - b.key);
          const all = [...mixed.map(({ one }) => one), ...chunks];
          const octets = new Array<number>(size).fill(-1);
          let [s] = arriving.start(q, 0);
          const said: string[] = [];
          const feed = (input: arriving.Input, from = 0, count = 0): void => {
            const [next, ...outputs] = arriving.step(q, s, input, 0);
            s = next;
            for (const output of outputs) {
              if (output.kind === "Write")
                for (let i = 0; i < count; i++) octets[output.at + i] = from + i;
              said.push(output.kind);
            }
          };
          for (const { from, to } of all) {
            feed({ kind: "Chunk", start: from, total: isTold ? size : undefined });
            feed({ kind: "Octets", count: to - from }, from, to - from);
            feed({ kind: "End", flag: to === size ? "$" : "+" });
          }
          expect(octets).toEqual(octets.map((_, i) => i));
          expect(said.filter((kind) => kind === "Check")).toHaveLength(1);
          feed({ kind: "Checked", status: 200 });
          expect(said.at(-1)).toBe("Taken");
        },
      ),
    );
  });

  it("§7.1.3 is reported as it comes, and wholly only once it was looked at", () => {
    let [s] = arriving.start(q, 0);
    const said: (readonly [number, number])[] = [];
    const feed = (input: arriving.Input): void => {
      const [next, ...outputs] = arriving.step(q, s, input, 0);
      s = next;
      for (const one of outputs) if (one.kind === "Report") said.push([one.start, one.end]);
    };
    feed({ kind: "Chunk", start: 0, total: undefined });
    for (let i = 0; i < 4; i++) feed({ kind: "Octets", count: 10 });
    feed({ kind: "End", flag: "$" });
    expect(said.at(-1)?.[1]).toBe(39);
    feed({ kind: "Checked", status: 200 });
    expect(said.at(-1)).toEqual([0, 40]);
  });

  it("is refused where it is larger than may be, and keeps no more gaps than it may", () => {
    const chunk = (start: number, total?: number) => ({ kind: "Chunk", start, total }) as const;
    const [s] = arriving.start(q, 0);
    expect(arriving.step(q, s, chunk(0, 101), 0)).toContainEqual({ kind: "Refuse", status: 413 });
    const [open] = arriving.step(q, s, chunk(0), 0);
    expect(arriving.step(q, open, { kind: "Octets", count: 101 }, 0)).toContainEqual({
      kind: "Refuse",
      status: 413,
    });
    const wide = { ...q, maxOctets: 10_000, reports: false };
    let state: arriving.State = s;
    for (let at = 1; at < 1000 && state.name === "Arriving"; at += 2) {
      for (const input of [
        chunk(at),
        { kind: "Octets", count: 1 },
        { kind: "End", flag: "+" },
      ] as const) {
        state = arriving.step(wide, state, input, 0)[0];
      }
    }
    expect(state.name).toBe("Terminated");
  });

  it("any input at any time, then the end, and not a word after it", () => {
    const input: fc.Arbitrary<arriving.Input> = fc.oneof(
      fc.record({
        kind: fc.constant("Chunk" as const),
        start: fc.nat(120),
        total: fc.option(fc.nat(120), { nil: undefined }),
      }),
      fc.record({ kind: fc.constant("Octets" as const), count: fc.nat(50) }),
      fc.record({
        kind: fc.constant("End" as const),
        flag: fc.constantFrom("$" as const, "+" as const, "#" as const),
      }),
      fc.record({ kind: fc.constant("Checked" as const), status }),
      fc.constantFrom({ kind: "Tick" as const }, { kind: "Lost" as const }),
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), fc.nat(3000), (inputs, at) => {
        let [s] = arriving.start(q, 0);
        for (const one of inputs) {
          const before = s;
          const [next, ...outputs] = arriving.step(q, s, one, at);
          if (before.name === "Terminated") expect(outputs).toEqual([]);
          s = next;
        }
        expect(arriving.step(q, s, { kind: "Lost" }, at)[0].name).toBe("Terminated");
      }),
    );
  });
});

describe("the connection of a session", () => {
  it("§5.4 is the first that knows its URI; a second one is refused with 506", () => {
    //= RFC 4975 §5.4
    //# The node MUST also check to make sure the session is not already in use on another
    //# connection. If the session is already in use, it MUST reject the request with a 506
    //# response.
    const params = { waitMs: 30_000 };
    const [s] = binding.step(
      params,
      binding.start(params, 0)[0],
      { kind: "Request", connection: 1 },
      0,
    );
    const second = { kind: "Request", connection: 2 } as const;
    expect(binding.step(params, s, second, 0)).toEqual([s, { kind: "Refuse", status: 506 }]);
    const [over] = binding.step(params, s, { kind: "Closed", connection: 1 }, 0);
    expect(binding.step(params, over, second, 0)).toEqual([over, { kind: "Refuse", status: 481 }]);
  });
});
