import { expect, test } from "vitest";
import { RecordIndications } from "./record-indications.ts";
import { readDescription } from "./side-description.ts";

const said = (session: string, sound: string) => {
  const lines = ["v=0", "o=- 7 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0"];
  const all = [...lines, session, "m=audio 4000 RTP/AVP 0", sound, ""].filter((one) => one !== "");
  const read = readDescription(`${all.join("\r\n")}\r\n`);
  if (!read.ok) throw new Error(read.error.why);
  return read.value;
};

test("RFC 7866 §7.1.2: nobody is told anything before there is something to say", () => {
  const all = new RecordIndications();
  all.heard("a", said("", ""));
  expect(all.for("b")).toBeUndefined();
  all.own = "on";
  expect([all.for("a"), all.for("b")]).toEqual(["on", "on"]);
  all.own = "off";
  expect([all.for("a"), all.for("b")]).toEqual(["off", "off"]);
});

test("RFC 7866 §7.3.1: what one side says of itself the others are told", () => {
  //= RFC 7866 §7.3.1
  //# When a CS is traversed through multiple UAs such as a B2BUA or a conference focus, each UA
  //# involved in the CS that is aware that the CS is being recorded MUST provide the recording
  //# indication through the "a=record" attribute to all other parties in the CS.
  const all = new RecordIndications();
  all.heard("a", said("a=record:on", ""));
  expect([all.for("a"), all.for("b")]).toEqual([undefined, "on"]);
  all.heard("a", said("a=record:on", "a=record:paused"));
  expect(all.for("b")).toBe("paused");
  all.own = "on";
  expect(all.for("b")).toBe("on");
  all.own = "off";
  all.forget("a");
  expect(all.for("b")).toBe("off");
});
