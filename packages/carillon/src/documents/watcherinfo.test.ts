import { describe, expect, test } from "vitest";
import {
  formatWatcherInfo,
  mergeWatcherInfo,
  parseWatcherInfo,
  type WatcherInfo,
  type WatcherState,
} from "./watcherinfo.ts";

/** RFC 3858 §5. */
const EXAMPLE = `<?xml version="1.0"?>
<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo"
             version="0" state="full">
  <watcher-list resource="sip:professor@example.net" package="presence">
    <watcher status="active"
             id="8ajksjda7s"
             duration-subscribed="509"
             event="approved" >sip:userA@example.net</watcher>
    <watcher status="pending"
             id="hh8juja87s997-ass7"
             display-name="Mr. Subscriber"
             event="subscribe">sip:userB@example.org</watcher>
  </watcher-list>
</watcherinfo>`;

function read(octets: string): WatcherInfo {
  const info = parseWatcherInfo(octets);
  if (!info.ok) throw new Error(info.error.message);
  return info.value;
}

const watcher = (id: string, status: WatcherState["status"]): WatcherState => ({
  ...{ id, status, uri: `sip:${id}@example.com`, displayName: "", event: "subscribe" },
});

const info = (
  version: number,
  state: WatcherInfo["state"],
  ...watchers: readonly WatcherState[]
): WatcherInfo => ({
  ...{ version, state },
  lists: [{ resource: "sip:bob@example.com", package: "presence", watchers }],
});

describe("RFC 3858: watcher information", () => {
  test("§5 reads its example", () => {
    expect(read(EXAMPLE)).toEqual({
      ...{ version: 0, state: "full" },
      lists: [
        {
          ...{ resource: "sip:professor@example.net", package: "presence" },
          watchers: [
            {
              ...{ id: "8ajksjda7s", uri: "sip:userA@example.net", displayName: "" },
              ...{ status: "active", event: "approved", durationSeconds: 509 },
            },
            {
              ...{ id: "hh8juja87s997-ass7", uri: "sip:userB@example.org" },
              ...{ displayName: "Mr. Subscriber", status: "pending", event: "subscribe" },
            },
          ],
        },
      ],
    });
  });

  test("§3 is XML in UTF-8, and passes over what others have put into it", () => {
    //= RFC 3858 §3
    //# Watcher information is an XML document [4] that MUST be well-formed and SHOULD be valid.
    //= RFC 3858 §3
    //# Watcher information documents MUST be based on XML 1.0 and MUST be encoded using UTF-8.
    const text = formatWatcherInfo(
      info(0, "full", { ...watcher("a", "active"), displayName: "é" }),
    );
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>/);
    expect(text).toContain("\u00c3\u00a9");
    expect(parseWatcherInfo(text.slice(0, -3)).ok).toBe(false);
    //= RFC 3858 §3
    //# Other elements from different namespaces MAY be present for the purposes of extensibility;
    //# elements or attributes from unknown namespaces MUST be ignored.
    const more = EXAMPLE.replace(
      "<watcher-list",
      '<x:watcher-list xmlns:x="u:x"/><watcher-list x="1"',
    );
    const most = more.replace("</watcher-list>", '<watcher xmlns="u:x" id="z"/></watcher-list>');
    expect(read(most)).toEqual(read(EXAMPLE));
    //= RFC 3858 §3
    //# Versions MUST be representable using a 32 bit integer.
    const version = (text: string) => parseWatcherInfo(EXAMPLE.replace('"0"', `"${text}"`)).ok;
    expect(["4294967295", "4294967296", "-1"].map(version)).toEqual([true, false, false]);
  });

  test("is written as it is read", () => {
    const written = info(7, "partial", {
      ...watcher("a", "waiting"),
      ...{ displayName: 'A <"&">', durationSeconds: 3, expiresSeconds: 4 },
    });
    expect(read(formatWatcherInfo(written))).toEqual(written);
  });

  test("§3 passes over what has not what it must have", () => {
    //= RFC 3858 §3
    //# There are three mandatory attributes which MUST be present:
    for (const missing of ['id="8ajksjda7s"', 'status="active"', 'event="approved"']) {
      const [list] = read(EXAMPLE.replace(missing, "")).lists;
      expect(list?.watchers.map(({ id }) => id)).toEqual(["hh8juja87s997-ass7"]);
    }
    expect(read(EXAMPLE.replace("sip:userA@example.net", " ")).lists[0]?.watchers).toHaveLength(1);
    //= RFC 3858 §3
    //# There are two attributes associated with the "watcher-list" element, both of which MUST be
    //# present:
    expect(read(EXAMPLE.replace('package="presence"', "")).lists).toEqual([]);
    //= RFC 3858 §3
    //# There are two attributes associated with the "watcherinfo" element, both of which MUST be
    //# present:
    for (const broken of ['version="0"', 'state="full"', "urn:ietf:params:xml:ns:watcherinfo"]) {
      expect(parseWatcherInfo(EXAMPLE.replace(broken, "")).ok).toBe(false);
    }
  });

  test("§4 is put together from parts, and tells when one is missing", () => {
    const start = info(3, "full", watcher("a", "pending"), watcher("b", "active"));
    //= RFC 3858 §4
    //# The version number MUST be initialized with the value of the "version" attribute from the
    //# "watcherinfo" element in the first document received.
    expect(mergeWatcherInfo(undefined, start)).toEqual({
      kind: "New",
      value: start,
      isTorn: false,
    });
    const next = mergeWatcherInfo(start, info(4, "partial", watcher("b", "terminated")));
    expect(next).toMatchObject({ kind: "New", isTorn: false, value: { version: 4 } });
    if (next.kind !== "New") throw new Error("it is new");
    expect(next.value.lists[0]?.watchers.map(({ id, status }) => `${id} ${status}`)).toEqual([
      ...["a pending", "b terminated"],
    ]);
    const later = mergeWatcherInfo(next.value, info(9, "partial", watcher("c", "active")));
    expect(later).toMatchObject({ isTorn: true, value: { version: 9 } });
    if (later.kind !== "New") throw new Error("it is new");
    expect(later.value.lists[0]?.watchers.map(({ id }) => id)).toEqual(["a", "c"]);
    //= RFC 3858 §4
    //# If the value in the document is less than the local version, the document is discarded
    //# without processing.
    expect(mergeWatcherInfo(start, info(2, "full"))).toEqual({ kind: "Old" });
    expect(mergeWatcherInfo(start, info(3, "partial"))).toEqual({ kind: "Old" });
    expect(mergeWatcherInfo(undefined, info(0, "partial"))).toMatchObject({ isTorn: true });
    const other = { ...info(4, "partial"), lists: [{ ...start.lists[0], resource: "sip:x@y" }] };
    const both = mergeWatcherInfo(start, other as WatcherInfo);
    expect(both.kind === "New" && both.value.lists).toHaveLength(2);
  });
});
