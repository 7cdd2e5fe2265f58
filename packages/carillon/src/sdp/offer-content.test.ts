/** RFC 6337 §5 to the letter: what stands in offers and answers, exchange by exchange. */
import { describe, expect, test } from "vitest";
import type { Agreed } from "./agreed.ts";
import { agreedMedia } from "./agreed-media.ts";
import { answer, refusesAll } from "./answer.ts";
import { type Direction, directionOf } from "./attribute/direction.ts";
import { checkAnswer } from "./check-answer.ts";
import { type Description, formatSdp, originOf, parseSdp } from "./description.ts";
import type { LocalMedia, LocalStream } from "./local-media.ts";
import { offer, reoffer } from "./offer.ts";

const AUDIO: LocalStream = {
  media: "audio",
  protos: ["RTP/AVP"],
  port: 30_000,
  codecs: [
    { encoding: "PCMU", clockRateHz: 8000 },
    { encoding: "PCMA", clockRateHz: 8000 },
    { encoding: "G722", clockRateHz: 8000 },
  ],
};
const VIDEO: LocalStream = {
  media: "video",
  protos: ["RTP/AVP"],
  port: 30_002,
  codecs: [{ encoding: "VP8", clockRateHz: 90_000 }],
};

/** One end of a session: what it wants, and what was agreed as it sees it. */
class End {
  local: LocalMedia;
  before: Agreed | undefined;

  constructor(sessionId: string, address: string, streams: readonly LocalStream[]) {
    const origin = { username: "-", sessionId, sessionVersion: "1", netType: "IN" };
    const at = { addressType: "IP4", address } as const;
    this.local = { origin: { ...origin, ...at }, address: at, streams };
  }

  /** Wants something else from now on; nothing is said yet. */
  wants(change: (stream: LocalStream) => LocalStream): void {
    this.local = { ...this.local, streams: this.local.streams.map(change) };
  }

  /** Offers, has the other answer; both descriptions. */
  offersTo(other: End): { readonly offered: Description; readonly answered: Description } {
    const made = this.before ? reoffer(this.local, this.before) : offer(this.local);
    const offered = read(formatSdp(made.description));
    const taken = answer(offered, other.local, other.before);
    const answered = read(formatSdp(taken.description));
    const judged = checkAnswer(offered, answered);
    if (!judged.ok) throw new Error(judged.error.message);
    this.local = made.local;
    other.local = taken.local;
    this.before = { local: made.description, remote: answered };
    other.before = { local: taken.description, remote: offered };
    return { offered, answered };
  }
}

function read(text: string): Description {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const alice = (...streams: readonly LocalStream[]) => new End("1", "192.0.2.1", streams);
const bob = (...streams: readonly LocalStream[]) => new End("2", "192.0.2.2", streams);
const ports = ({ media }: Description) => media.map(({ port }) => port);
const formats = ({ media }: Description) => media.map((section) => section.formats.join(" "));
const directions = (d: Description) => d.media.map(({ lines }) => directionOf(lines, d.session));
const version = (d: Description) => Number(originOf(d).sessionVersion);

describe("RFC 6337 §5.1, §5.2: media types and formats", () => {
  test("RFC 6337 §5.2.1: a first offer has what is wanted of what there is, in that order", () => {
    const [, pcma, g722] = AUDIO.codecs ?? [];
    const one = alice({ ...AUDIO, codecs: [g722, pcma].filter((codec) => codec !== undefined) });
    const { offered } = one.offersTo(bob(AUDIO, VIDEO));
    expect(formats(offered)).toEqual(["9 8"]);
  });

  test("RFC 6337 §5.2.2: an offer in the first reliable response is made as any first one", () => {
    const callee = bob(AUDIO, VIDEO);
    const { offered } = callee.offersTo(alice(AUDIO));
    expect(offered).toEqual(read(formatSdp(offer(bob(AUDIO, VIDEO).local).description)));
  });

  test("RFC 6337 §5.2.3: the answer has all sections and types, zero for what is not taken", () => {
    const { offered, answered } = alice(AUDIO, VIDEO, AUDIO).offersTo(bob(AUDIO));
    expect(answered.media.map(({ media }) => media)).toEqual(["audio", "video", "audio"]);
    expect(ports(offered)).toEqual([30_000, 30_002, 30_000]);
    expect(ports(answered)).toEqual([30_000, 0, 0]);
  });

  test("RFC 6337 §5.2.3: nothing is taken of what is offered: 488, or zeros all over", () => {
    const made = offer(alice(VIDEO).local).description;
    const taken = answer(made, bob(AUDIO).local);
    expect(refusesAll(taken)).toBe(true);
    expect(ports(taken.description)).toEqual([0]);
    expect(refusesAll(answer(made, bob(VIDEO).local))).toBe(false);
  });

  test("RFC 6337 §5.2.4: an offer in a response that will not do is answered with zeros", () => {
    const { answered } = bob(VIDEO, VIDEO).offersTo(alice(AUDIO));
    expect(ports(answered)).toEqual([0, 0]);
  });

  test("RFC 6337 §5.2.5: sections stay, versions count by one, formats keep numbers", () => {
    const [one, other] = [alice(AUDIO, VIDEO), bob(AUDIO, VIDEO)];
    const first = one.offersTo(other);
    one.wants((stream) =>
      stream.media === "audio" ? { ...stream, direction: "sendonly" } : stream,
    );
    const second = one.offersTo(other);
    expect(version(second.offered) - version(first.offered)).toBe(1);
    expect(formats(second.offered)).toEqual(formats(first.offered));
    one.local = {
      ...one.local,
      streams: one.local.streams.filter(({ media }) => media === "audio"),
    };
    const third = one.offersTo(other);
    expect(ports(third.offered)).toEqual([30_000, 0]);
    expect(version(third.offered) - version(second.offered)).toBe(1);
    const again = one.offersTo(other);
    expect(formatSdp(again.offered)).toBe(formatSdp(third.offered));
    expect(formatSdp(again.answered)).toBe(formatSdp(third.answered));
  });

  test("RFC 6337 §5.2.5: asked without an offer, refused video is offered again", () => {
    const [one, other] = [alice(AUDIO, VIDEO), bob(AUDIO)];
    expect(ports(one.offersTo(other).answered)).toEqual([30_000, 0]);
    // Bob's re-INVITE has no offer; Alice offers all that she can, in the slot that was refused.
    const asked = one.offersTo(other);
    expect(ports(asked.offered)).toEqual([30_000, 30_002]);
    other.local = { ...other.local, streams: [...other.local.streams, VIDEO] };
    expect(ports(one.offersTo(other).answered)).toEqual([30_000, 30_002]);
  });

  test("RFC 6337 §5.2.5: all codecs are offered again, not just those that were agreed on", () => {
    const [pcmu] = AUDIO.codecs ?? [];
    const [one, other] = [alice(AUDIO), bob({ ...AUDIO, codecs: pcmu ? [pcmu] : [] })];
    expect(formats(one.offersTo(other).answered)).toEqual(["0"]);
    expect(formats(one.offersTo(other).offered)).toEqual(["0 8 9"]);
  });

  test("RFC 6337 §5.2.5: nothing else to offer, so the same again with its o= unchanged", () => {
    const [one, other] = [alice(AUDIO), bob(AUDIO)];
    const first = one.offersTo(other);
    expect(formatSdp(one.offersTo(other).offered)).toBe(formatSdp(first.offered));
  });
});

/** What each of two wants, who offers, and what is said then. */
type Step = readonly [
  does: string,
  offerer: "UA1" | "UA2",
  ua1: Direction,
  ua2: Direction,
  offered: Direction,
  answered: Direction,
];

describe("RFC 6337 §5.3: hold and resume", () => {
  const run = (...steps: readonly Step[]) => {
    const ends = { UA1: alice(AUDIO), UA2: bob(AUDIO) };
    ends.UA1.offersTo(ends.UA2);
    for (const [does, offerer, ua1, ua2, offered, answered] of steps) {
      ends.UA1.wants((stream) => ({ ...stream, direction: ua1 }));
      ends.UA2.wants((stream) => ({ ...stream, direction: ua2 }));
      const other = offerer === "UA1" ? ends.UA2 : ends.UA1;
      const said = ends[offerer].offersTo(other);
      expect([does, ...directions(said.offered), ...directions(said.answered)]).toEqual([
        ...[does, offered, answered],
      ]);
    }
    return ends;
  };

  test("one holds, both hold, the first resumes, the second resumes", () => {
    run(
      ["UA1 holds", "UA1", "sendonly", "sendrecv", "sendonly", "recvonly"],
      ["UA2 holds too", "UA2", "sendonly", "sendonly", "sendonly", "inactive"],
      ["UA1 resumes", "UA1", "sendrecv", "sendonly", "sendrecv", "sendonly"],
      ["UA2 resumes", "UA2", "sendrecv", "sendrecv", "sendrecv", "sendrecv"],
    );
  });

  test("who has decided to resume, and not said so yet, says it in its answer", () => {
    run(
      ["UA1 holds", "UA1", "sendonly", "sendrecv", "sendonly", "recvonly"],
      ["UA2 holds too", "UA2", "sendonly", "sendonly", "sendonly", "inactive"],
      ["both resume", "UA1", "sendrecv", "sendrecv", "sendrecv", "sendrecv"],
    );
  });

  test("without music: inactive both ways, and each side's own wish stays", () => {
    run(
      ["UA1 holds", "UA1", "inactive", "sendrecv", "inactive", "inactive"],
      ["UA2 holds too", "UA2", "inactive", "inactive", "inactive", "inactive"],
      ["UA1 resumes", "UA1", "sendrecv", "inactive", "sendrecv", "inactive"],
      ["UA2 resumes", "UA2", "sendrecv", "sendrecv", "sendrecv", "sendrecv"],
    );
  });

  test("a refresh offers what its sender wants, whatever it had to answer", () => {
    run(
      ["UA1 holds", "UA1", "sendonly", "sendrecv", "sendonly", "recvonly"],
      ["UA2 refreshes", "UA2", "sendonly", "sendrecv", "sendrecv", "sendonly"],
      ["UA1 refreshes", "UA1", "sendonly", "sendrecv", "sendonly", "recvonly"],
      ["UA1 resumes", "UA1", "sendrecv", "sendrecv", "sendrecv", "sendrecv"],
    );
  });

  test("a stream that goes one way only is held and resumed by the end that sends", () => {
    run(
      ["UA1 only sends", "UA1", "sendonly", "recvonly", "sendonly", "recvonly"],
      ["UA2 holds", "UA2", "sendonly", "inactive", "inactive", "inactive"],
      ["UA2 resumes", "UA2", "sendonly", "recvonly", "recvonly", "sendonly"],
    );
  });

  test("every wish against every other: the answer is what both allow, and the wish stays", () => {
    const all: readonly Direction[] = ["sendrecv", "sendonly", "recvonly", "inactive"];
    for (const ua1 of all) {
      for (const ua2 of all) {
        const ends = run(["both resume", "UA1", "sendrecv", "sendrecv", "sendrecv", "sendrecv"]);
        ends.UA1.wants((stream) => ({ ...stream, direction: ua1 }));
        ends.UA2.wants((stream) => ({ ...stream, direction: ua2 }));
        const { answered } = ends.UA1.offersTo(ends.UA2);
        const sends = ua2.startsWith("send") && ["sendrecv", "recvonly"].includes(ua1);
        const hears = ["sendrecv", "recvonly"].includes(ua2) && ua1.startsWith("send");
        const expected = sends
          ? hears
            ? "sendrecv"
            : "sendonly"
          : hears
            ? "recvonly"
            : "inactive";
        expect([ua1, ua2, ...directions(answered)]).toEqual([ua1, ua2, expected]);
        // Both wishes come out whole as soon as the other allows it.
        ends.UA1.wants((stream) => ({ ...stream, direction: "sendrecv" }));
        expect(directions(ends.UA2.offersTo(ends.UA1).offered)).toEqual([ua2]);
      }
    }
  });
});

describe("RFC 6337 §5.4: c=0.0.0.0", () => {
  const HEAD = "v=0\no=- 3 1 IN IP4 192.0.2.3\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\n";
  const at = (direction: Direction) => read(`${HEAD}m=audio 9 RTP/AVP 0\na=${direction}\n`);

  test.each([
    ["sendrecv", "sendrecv"],
    ["sendonly", "recvonly"],
    ["recvonly", "sendonly"],
    ["inactive", "inactive"],
  ] as const)("RFC 6337 §5.4: %s is answered with %s, and nothing is sent", (offered, answered) => {
    const taken = answer(at(offered), bob(AUDIO).local).description;
    expect(directions(taken)).toEqual([answered]);
    expect(formatSdp(taken)).toContain("c=IN IP4 192.0.2.2\r\n");
    const [slot] = agreedMedia({ local: taken, remote: at(offered) }, "local");
    expect(slot).toMatchObject({ isActive: true, remote: undefined });
  });
});
