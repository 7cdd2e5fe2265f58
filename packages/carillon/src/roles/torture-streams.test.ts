/** The torture messages on streams: cut at every octet, and what comes after them. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Octets } from "../grammar/octets.ts";
import { DomainStage, type Place } from "../testing/domain-stage.ts";
import { openDoor } from "../testing/open-door.ts";
import {
  backTo,
  converse,
  finalsIn,
  openTortureStage,
  probe,
  TORTURE_DEVICE,
  TORTURER,
  tortureOctets,
} from "../testing/torture-stage.ts";
import { finalsFor, forwardedFor, streamEnd, TORTURE } from "../testing/torture-table.ts";
import { Guard } from "./guard.ts";

const OPEN = openDoor(Guard.prototype.check);
/** Longer than every timer but those of calls that ring, of which there are none. */
const ALL_TIMERS_MS = 400_000;
/** A little more than a message may take. */
const MESSAGE_MS = 10_100;
const REMOTE = { host: TORTURER, port: 40_000 };

const isOpen = (stage: DomainStage, place: Place): boolean =>
  stage.wire.endpoint.connection(Number(place)) !== undefined;

/** Nobody can be called back here: where the server tries to, it is refused. */
function refuseDials(stage: DomainStage, from: number): void {
  for (const output of stage.wire.outputs.slice(from)) {
    if (output.kind !== "Open") continue;
    stage.wire.input({ kind: "NotOpened", dial: output.dial, cause: "refused" });
  }
}

const houses = [
  { what: "open, with the torture domains served", open: true, probed: [200] },
  { what: "as it comes", open: false, probed: [407] },
];

describe.each(houses)("a server $what", ({ open, probed }) => {
  beforeEach(() => {
    if (open) vi.spyOn(Guard.prototype, "check").mockImplementation(OPEN);
  });
  afterEach(() => vi.restoreAllMocks());

  const newStage = () => (open ? openTortureStage().stage : new DomainStage());
  const uri = open ? "sip:example.com" : "sip:house.example";

  describe.each(["TCP", "TLS"] as const)("over %s", (transport) => {
    test.each(TORTURE)("$rfc $name: $why", (row) => {
      const stage = newStage();
      const ask = () => {
        const place = stage.wire.open({ transport, remote: REMOTE });
        expect(probe(stage, place, uri)).toEqual(probed);
        stage.close(place);
        stage.wait(ALL_TIMERS_MS);
        return stage.wire.endpoint.census();
      };
      const before = ask();
      const place = stage.wire.open({ transport, remote: REMOTE });
      const from = stage.wire.outputs.length;
      const sent = converse(stage, place, tortureOctets(row));
      const how = { open, way: transport };
      const finals = finalsIn(backTo(place, sent));
      const expected = finalsFor(row, how);
      expect(finals).toHaveLength(expected.length);
      for (const [i, statuses] of expected.entries()) expect(statuses).toContain(finals[i]);
      const devices = sent.filter(({ to }) => to === TORTURE_DEVICE);
      expect(devices).toHaveLength(forwardedFor(row, how));
      const ends = streamEnd(row);
      const elsewhere = sent.filter(({ to }) => to !== TORTURE_DEVICE && to !== place);
      expect(elsewhere, "nothing goes to anybody else").toEqual([]);
      refuseDials(stage, from);
      expect(isOpen(stage, place)).toBe(ends !== "At once");
      if (ends === undefined) expect(probe(stage, place, uri), "and it goes on").toEqual(probed);
      stage.wait(MESSAGE_MS);
      expect(isOpen(stage, place)).toBe(ends === undefined);
      stage.close(place);
      stage.wait(ALL_TIMERS_MS);
      expect(ask()).toEqual(before);
    });
  });

  test.each(TORTURE)("$rfc $name is the same wherever it is cut", (row) => {
    const stage = newStage();
    const octets = tortureOctets(row);
    let nth = 0;
    /** What comes back and goes on, and whether the connection is there afterwards. */
    const say = (...parts: readonly Octets[]): string => {
      // Another address each time: an INVITE again would be a retransmission, or a loop.
      const remote = { host: TORTURER, port: 1024 + (nth++ % 60_000) };
      const place = stage.wire.open({ transport: "TCP", remote });
      const sent = parts.flatMap((part) => stage.say(place, part));
      const lines = sent.map((one) => one.octets.slice(0, one.octets.indexOf("\r\n")));
      const what = [...lines, isOpen(stage, place)].join(" | ");
      if (isOpen(stage, place)) stage.close(place);
      return what;
    };
    const whole = say(octets);
    expect(say(...octets), "octet by octet").toBe(whole);
    for (let cut = 1; cut < octets.length; cut++) {
      const parted = say(octets.slice(0, cut), octets.slice(cut));
      if (parted !== whole) expect(parted, `cut at ${cut}`).toBe(whole);
    }
  });
});
