import { describe, expect, test } from "vitest";
import { parseAccept } from "../message/header/accept.ts";
import { parseAllowEvents } from "../message/header/allow-events.ts";
import { parseEvent } from "../message/header/event.ts";
import { allowEventsHeader, knowsPackage, notifyBodyType } from "./notify-body.ts";

const PIDF = "application/pidf+xml";
const CPIM = "application/cpim-pidf+xml";

//= RFC 6665 §3.2.1
//# When present, the body of the NOTIFY request MUST be formatted into one of the body formats
//# specified in the "Accept" header field of the corresponding SUBSCRIBE request (or the default
//# type according to the event package description, if no "Accept" header field was specified).
describe("RFC 6665 §3.2.1: the body of a NOTIFY", () => {
  test("types are compared whatever their case, and given as they were written", () => {
    const ranges = parseAccept("application/PIDF+xml");
    expect(ranges.ok && notifyBodyType(["Application/Pidf+XML"], ranges.value)).toBe(
      "Application/Pidf+XML",
    );
  });

  const chosen = (accept: string | undefined) => {
    if (accept === undefined) return notifyBodyType([PIDF, CPIM], undefined);
    const ranges = parseAccept(accept);
    if (!ranges.ok) throw new Error(ranges.error.message);
    return notifyBodyType([PIDF, CPIM], ranges.value);
  };

  test.each([
    ["without an Accept the package's own", undefined, PIDF],
    ["the one that is accepted", "text/plain, application/cpim-pidf+xml", CPIM],
    ["of two the one that is liked better", `${PIDF};q=0.5, ${CPIM};q=0.9`, CPIM],
    ["of two that are liked alike our first", `${CPIM}, ${PIDF}`, PIDF],
    ["any of a type", "application/*", PIDF],
    ["the narrower range counts", `*/*, ${PIDF};q=0.1`, CPIM],
    ["what is refused by name is not taken for the rest", `application/*, ${PIDF};q=0`, CPIM],
    ["nothing that we have", "text/plain", undefined],
    ["nothing at all", "", undefined],
    ["another type with the same subtype does not count", "text/pidf+xml", undefined],
    ["all of another type does not count", "text/*", undefined],
    ["a star before a subtype is no range", "*/pidf+xml", undefined],
    ["a type before all of it before all there is", `*/*;q=0.1, application/*;q=0, ${CPIM}`, CPIM],
    ["what is said of all of a type", `application/*;q=0.2, */*;q=0.9, ${CPIM};q=0.1`, PIDF],
    ["a q that is none counts as one", `${PIDF};q=2, ${CPIM};q=0.9`, PIDF],
  ])("%s", (_, accept, expected) => expect(chosen(accept)).toBe(expected));
});

//= RFC 6665 §4.4.4
//# The "Allow-Events" header field, if present, MUST include a comprehensive and inclusive list of
//# tokens that indicates the event packages for which the user agent can act as a notifier.
test("RFC 6665 §4.4.4: Allow-Events tells the packages that are known, all and no others", () => {
  expect(allowEventsHeader([])).toEqual([]);
  const packages = ["presence", "dialog", "presence.winfo"];
  const [[name, value] = ["", ""]] = allowEventsHeader(packages);
  expect(name).toBe("Allow-Events");
  const told = parseAllowEvents(value);
  expect(told.ok && told.value).toEqual(packages);
  const isKnown = (event: string) => {
    const parsed = parseEvent(event);
    return parsed.ok && knowsPackage(packages, parsed.value);
  };
  expect(["dialog;id=7", "presence.winfo", "Dialog", "reg"].map(isKnown)).toEqual([
    ...[true, true, false, false],
  ]);
});
