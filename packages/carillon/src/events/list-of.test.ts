import { describe, expect, test } from "vitest";
import { formatPidf } from "../documents/pidf.ts";
import {
  formatRlmi,
  type ListedResource,
  type ResourceInstance,
  RLMI_TYPE,
} from "../documents/rlmi.ts";
import { parseContentType } from "../message/header/content-type.ts";
import { formatMultipart } from "../message/multipart.ts";
import { type List, listOf, presenceList } from "./list-of.ts";
import { presence, watcherInfo } from "./packages.ts";

const LIST = "sip:friends@example.com";
const BOUNDARY = "xxx";

interface Told {
  readonly version: number;
  readonly isFull?: boolean;
  /** Whom it tells of: a note where they are active, else a state. */
  readonly all: Readonly<Record<string, string>>;
}

/** A notification in which the list stands last, as it may. */
function bodyOf({ version, isFull = false, all }: Told): string {
  const resources = Object.entries(all).map(([name, said]): ListedResource => {
    const state: ResourceInstance["state"] =
      said === "pending" || said === "terminated" ? said : "active";
    const instance = { id: "1", state, ...(state === "active" && { cid: `${name}@example.com` }) };
    const uri = `sip:${name}@example.com`;
    return { uri, names: [name.toUpperCase()], instances: said === "" ? [] : [instance] };
  });
  const list = formatRlmi({ uri: LIST, version, isFull, names: [], resources });
  const parts = Object.entries(all).flatMap(([name, said]) =>
    said === "" || said === "pending" || said === "terminated"
      ? []
      : [
          {
            headers: [
              ["Content-ID", `<${name}@example.com>`],
              ["Content-Type", "application/pidf+xml"],
            ] as const,
            body: formatPidf({
              ...{ entity: `sip:${name}@example.com`, tuples: [], notes: [said], activities: [] },
            }),
          },
        ],
  );
  const root = {
    headers: [
      ["Content-ID", "<root@example.com>"],
      ["Content-Type", RLMI_TYPE],
    ] as const,
    body: list,
  };
  return formatMultipart([...parts, root], BOUNDARY);
}

const typeOf = (text: string) => {
  const type = parseContentType(text);
  if (!type.ok) throw new Error(type.error.message);
  return type.value;
};
const TYPE = typeOf(
  `multipart/related;type="${RLMI_TYPE}";start="<root@example.com>";boundary=${BOUNDARY}`,
);

function reader() {
  const read = presenceList.reader();
  return (told: Told) => {
    const result = read(bodyOf(told), TYPE);
    if (!result.ok) return result.error.message;
    if (result.value.kind === "Old") return "old";
    return `${result.value.isTorn ? "torn " : ""}${look(result.value.value)}`;
  };
}

const look = (list: List<{ readonly notes: readonly string[] }>) =>
  [...list.values()]
    .map(({ name, state, value }) => `${name} ${state} ${value?.notes ?? "-"}`)
    .join("; ");

describe("RFC 4662 §5.6: what a list's notifications say together", () => {
  test("is all of a whole one, and what has changed of a part", () => {
    const read = reader();
    expect(read({ version: 0, isFull: true, all: { a: "one", b: "pending", c: "" } })).toBe(
      "A active one; B pending -; C unknown -",
    );
    expect(read({ version: 1, all: { c: "three" } })).toBe(
      "A active one; B pending -; C active three",
    );
    expect(read({ version: 2, all: { a: "terminated", d: "four" } })).toBe(
      "A terminated -; B pending -; C active three; D active four",
    );
    //= RFC 4662 §5.6.1
    //# Otherwise, the contents of the resource-list table are flushed and repopulated from the
    //# contents of the document.
    expect(read({ version: 3, isFull: true, all: { c: "three" } })).toBe("C active three");
  });

  test("asks for all of it where one is missing, and passes over what is old", () => {
    const read = reader();
    expect(read({ version: 4, all: { a: "one" } })).toBe("torn A active one");
    expect(read({ version: 5, all: { a: "two" } })).toBe("A active two");
    //= RFC 4662 §5.6.2
    //# If the version in the document is less than or equal to the local version, the document is
    //# discarded without any further processing.
    expect(read({ version: 5, all: { a: "x" } })).toBe("old");
    //= RFC 4662 §5.6.1
    //# A check is first made to ensure that the "version" attribute of the <list> attribute in the
    //# received message is greater than the local version number. If not, the received document is
    //# discarded without any further processing.
    expect(read({ version: 4, isFull: true, all: {} })).toBe("old");
    //= RFC 4662 §5.6.2
    //# If the version in the document is more than one higher than the local version number, the
    //# local version number is set to the value in the new document, and the document is processed
    //# as described below. The list subscriber SHOULD also generate a refresh request to trigger a
    //# full state notification.
    expect(read({ version: 7, all: { b: "two" } })).toBe("torn A active two; B active two");
    expect(read({ version: 9, isFull: true, all: { b: "two" } })).toBe("B active two");
  });

  test("§5.1: is nothing without the list itself", () => {
    const read = listOf(presence).reader();
    const body = bodyOf({ version: 0, isFull: true, all: { a: "one" } });
    const type = (start: string) =>
      typeOf(`multipart/related;type="${RLMI_TYPE}"${start};boundary=${BOUNDARY}`);
    expect(read(body, type(';start="<a@example.com>"')).ok).toBe(false);
    // Without a start it is the first, and that is somebody's presence here.
    expect(read(body, type("")).ok).toBe(false);
    expect(read(body, typeOf("multipart/related;boundary=other")).ok).toBe(false);
    const alone = formatRlmi({ uri: LIST, version: 0, isFull: true, names: [], resources: [] });
    expect(read(alone, typeOf(RLMI_TYPE)).ok).toBe(true);
  });

  test("§4.3, §4.7: is asked for with its types, and installed once", () => {
    //= RFC 4662 §4.3
    //# An implementation compliant to this specification MUST support the multipart/related and
    //# application/rlmi+xml MIME types.
    //= RFC 4662 §4.3
    //# These types MUST be included in an Accept header sent in a SUBSCRIBE message, in addition to
    //# any other types supported by the client (including any types required by the event package
    //# being used).
    expect(presenceList.accept).toEqual([
      ...["multipart/related", "application/rlmi+xml", "application/pidf+xml"],
    ]);
    //= RFC 4662 §4.7
    //# Therefore, a subscriber to a list MUST NOT install multiple subscriptions when the initial
    //# request is forked.
    expect(presenceList.forks).toBe(false);
    //= RFC 3857 §4.9
    //# In order for such a system to be built in an interoperable fashion, all watcherinfo
    //# subscribers MUST be prepared to install multiple subscriptions as a result of a multiplicity
    //# of NOTIFY messages in response to a single SUBSCRIBE.
    expect(watcherInfo.forks).toBe(true);
    //= RFC 3857 §4.5
    //# However, they MUST always support and list application/watcherinfo+xml as an allowed format.
    expect(watcherInfo.accept).toEqual(["application/watcherinfo+xml"]);
  });

  test("goes on where one part cannot be read", () => {
    const read = listOf(presence).reader();
    const body = bodyOf({ version: 0, isFull: true, all: { a: "one", b: "two" } });
    const result = read(body.replace("<note>one</note>", "<note>"), TYPE);
    expect(result.ok && result.value.kind === "New" && look(result.value.value)).toBe(
      "A active -; B active two",
    );
  });
});
