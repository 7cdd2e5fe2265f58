import { describe, expect, test } from "vitest";
import {
  type Conference,
  conferenceOf,
  formatConference,
  parseConference,
  parseConferenceInfo,
} from "./conference-info.ts";
import { mergeConference } from "./merge-conference.ts";

const root = (text: string) => {
  const read = parseConferenceInfo(text);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};

/** After RFC 4575 §6.1. */
const FULL = `<?xml version="1.0" encoding="UTF-8"?>
   <conference-info xmlns="urn:ietf:params:xml:ns:conference-info"
    entity="sips:conf233@example.com" state="full" version="1">
    <conference-description>
     <subject>Agenda: This month's goals</subject>
      <service-uris>
       <entry><uri>http://sharepoint/salesgroup/</uri><purpose>web-page</purpose></entry>
      </service-uris>
     </conference-description>
    <conference-state><user-count>33</user-count><locked>true</locked></conference-state>
    <users>
     <user entity="sip:bob@example.com" state="full">
      <display-text>Bob Hoskins</display-text>
      <endpoint entity="sip:bob@pc33.example.com">
       <display-text>Bob's Laptop</display-text>
       <status>disconnected</status>
       <disconnection-method>departed</disconnection-method>
       <disconnection-info>
        <when>2005-03-04T20:00:00Z</when>
        <reason>bad voice quality</reason>
        <by>sip:mike@example.com</by>
       </disconnection-info>
      </endpoint>
     </user>
     <user entity="sip:alice@example.com" state="full">
      <display-text>Alice</display-text>
      <roles><entry>participant</entry><entry>speaker</entry></roles>
      <endpoint entity="sip:4kfk4j392jsu@example.com;grid=433kj4j3u">
       <status>connected</status>
       <joining-method>dialed-out</joining-method>
       <media id="1">
        <display-text>main audio</display-text>
        <type>audio</type><label>34567</label><src-id>432424</src-id><status>sendrecv</status>
       </media>
      </endpoint>
     </user>
    </users>
   </conference-info>`;

/** A part, with this version and these users. */
const part = (version: number, users: string, more = "") =>
  root(`<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" state="partial"
    entity="sips:conf233@example.com" version="${version}">${more}
    <users state="partial">${users}</users></conference-info>`);

const names = ({ users }: Conference) => users.map(({ entity }) => entity);

describe("a conference", () => {
  test("RFC 4575 §6.1 is read with its people, their devices and media", () => {
    const conference = conferenceOf(root(FULL));
    expect(conference).toMatchObject({
      ...{ entity: "sips:conf233@example.com", isOver: false, userCount: 33, isLocked: true },
      subject: "Agenda: This month's goals",
    });
    expect(conference.users).toMatchObject([
      { endpoints: [{ status: "disconnected", disconnectionMethod: "departed" }] },
      {
        roles: ["participant", "speaker"],
        endpoints: [
          {
            ...{ status: "connected", joiningMethod: "dialed-out" },
            media: [
              { id: "1", type: "audio", label: "34567", srcId: "432424", status: "sendrecv" },
            ],
          },
        ],
      },
    ]);
    const again = parseConference(formatConference(conference, 3));
    expect(again.ok && again.value).toEqual(conference);
    const over = { ...conference, isOver: true, users: [] };
    const last = parseConference(formatConference(over, 4));
    expect(last.ok && last.value).toEqual(over);
    expect(parseConference("<a/>").ok).toBe(false);
  });
});

describe("RFC 4575 §4.6 one view of a conference", () => {
  const known = root(FULL);

  test("takes in who came, who left and what changed, and keeps the rest", () => {
    const joined = part(
      2,
      `<user entity="sip:bob@example.com" state="deleted"/>
       <user entity="sip:carol@example.com"><display-text>Carol</display-text></user>
       <user entity="sip:alice@example.com" state="partial">
        <endpoint entity="sip:4kfk4j392jsu@example.com;grid=433kj4j3u" state="partial">
         <status>on-hold</status></endpoint></user>`,
      "<conference-state><user-count>2</user-count></conference-state>",
    );
    const merged = mergeConference(known, joined);
    if (merged.kind !== "New") throw new Error("nothing new");
    expect(merged.isTorn).toBe(false);
    const conference = conferenceOf(merged.value);
    expect(names(conference)).toEqual(["sip:alice@example.com", "sip:carol@example.com"]);
    // An element without a state is as a whole what is new.
    expect(conference).toMatchObject({ userCount: 2, isLocked: undefined });
    expect(conference.subject).toBe("Agenda: This month's goals");
    expect(conference.users[0]).toMatchObject({
      displayText: "Alice",
      endpoints: [{ status: "on-hold", joiningMethod: "dialed-out", media: [{ id: "1" }] }],
    });
  });

  test("is not changed by what is not newer", () => {
    //= RFC 4575 §4.6
    //# If the value in the document is equal to or less than the local version, the document is
    //# discarded without processing.
    expect(mergeConference(known, part(1, ""))).toEqual({ kind: "Old" });
    expect(mergeConference(known, root(FULL))).toEqual({ kind: "Old" });
  });

  test("is torn where something is missing, and asks for the whole", () => {
    //= RFC 4575 §4.6
    //# Otherwise (i.e., if the received NOTIFY contains "partial" state), if the 'version' number
    //# in the received document is more than one number higher than the previous local version
    //# number, the subscriber MUST generate a subscription refresh request to trigger a full state
    //# notification.
    const merged = mergeConference(known, part(3, `<user entity="sip:x@y"/>`));
    expect(merged).toEqual({ kind: "New", value: known, isTorn: true });
    expect(mergeConference(undefined, part(3, ""))).toMatchObject({ isTorn: true });
  });

  test("is replaced by a whole document, and over when that says so", () => {
    //= RFC 4575 §4.6
    //# Otherwise, if the received NOTIFY contains a "full" or "deleted" state, the conference
    //# package subscriber MUST set the local 'version' number to the value of the 'version'
    //# attribute from the received <conference-info> and replace the local information with the
    //# received document.
    const again = mergeConference(known, root(FULL.replace('version="1"', 'version="9"')));
    expect(again.kind === "New" && names(conferenceOf(again.value))).toHaveLength(2);
    const deleted = mergeConference(
      known,
      root(`<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" state="deleted"
        entity="sips:conf233@example.com" version="2"/>`),
    );
    expect(deleted.kind === "New" && conferenceOf(deleted.value).isOver).toBe(true);
  });

  test("does not grow without end", () => {
    let value = known;
    const many = Array.from({ length: 1000 }, (_, i) => `<status>${i}</status>`).join("");
    for (let i = 2; i < 100; i++) {
      const merged = mergeConference(value, part(i, `<user entity="${i}">${many}</user>`));
      if (merged.kind !== "New") throw new Error("nothing new");
      if (merged.isTorn) return expect(i).toBeGreaterThan(40);
      value = merged.value;
    }
    throw new Error("it grew");
  });
});
