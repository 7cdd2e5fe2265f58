/**
 * Names that every object of JavaScript has, or that would change all of them, where a peer may
 * choose a name: nothing is found that nobody wrote, and nothing of the language is changed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseChallenge } from "../auth/challenge.ts";
import { parseCredentials } from "../auth/credentials.ts";
import { parseConferenceInfo } from "../documents/conference-info.ts";
import { parseCpim } from "../documents/cpim.ts";
import { parseDialogInfo } from "../documents/dialog-info.ts";
import { parseImdn } from "../documents/imdn.ts";
import { parseJournalPage } from "../documents/journal.ts";
import { parsePidf } from "../documents/pidf.ts";
import { parseReginfo } from "../documents/reginfo.ts";
import { parseResourceLists } from "../documents/resource-lists.ts";
import { parseRlmi } from "../documents/rlmi.ts";
import { parseWatcherInfo } from "../documents/watcherinfo.ts";
import { readParams } from "../grammar/params.ts";
import { HEADERS, headerEntry } from "../message/header/registry.ts";
import { headerName } from "../message/header-name.ts";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import { parseMultipart } from "../message/multipart.ts";
import { parseSdp } from "../sdp/index.ts";
import { unescapeUri } from "../uri/escape.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { parseUri } from "../uri/uri.ts";
import { parseXml } from "../xml/parse-xml.ts";

/** Whatever a plain object or function answers to, and ways in which they are spelled. */
const OWN = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  ...Object.getOwnPropertyNames(Array.prototype),
  ...Object.getOwnPropertyNames(Map.prototype),
  ...Object.getOwnPropertyNames(String.prototype),
  ...[
    "then",
    "toJSON",
    "prototype",
    "caller",
    "callee",
    "arguments",
    "default",
    "NaN",
    "undefined",
  ],
  ...["null", "true", "0", "-1", "__proto__.polluted", "constructor.prototype.polluted"],
  ...["__proto__[polluted]", "%5f%5fproto%5f%5f", "__PROTO__", "Constructor", "_proto_", "proto"],
];
const NAMES = [...new Set(OWN)];
/** Those that may stand where RFC 3261 wants a token. */
const TOKENS = NAMES.filter((name) => /^[A-Za-z0-9.!%*_+`'~-]+$/.test(name));
/** Some are what RFCs call a header, Join for one, which an array answers to. */
const STRANGE = TOKENS.filter((name) => headerName(name, 0, name.length) === name.toLowerCase());

const before = describeAll();
beforeAll(() => {
  for (const one of [Object, Array, Map, Function, String]) Object.freeze(one.prototype);
});
afterAll(() => expect(describeAll()).toEqual(before));

function describeAll(): readonly string[] {
  return [Object, Array, Map, Function, String].flatMap((one) =>
    Reflect.ownKeys(one.prototype).map((key) => `${one.name}.${String(key)}`),
  );
}

/** Nothing was added to what every object has. */
function unpolluted(): void {
  expect(Reflect.get({}, "polluted")).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
}

test("there are a hundred of them", () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(100);
  expect(Object.isFrozen(Object.prototype)).toBe(true);
});

describe("a name that every object has", () => {
  const request = (line: string) =>
    parseMessage(`OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=x\r\n${line}\r\n\r\n`);

  test("as a header is that header and no other, and absent where nobody wrote it", () => {
    const plain = request("X: 1");
    for (const name of STRANGE) {
      const read = request(`${name}: the value`);
      if (!read.ok || !plain.ok) throw new Error(`${name} could not be read`);
      const known = name.toLowerCase();
      expect(header(read.value, known)).toBe("the value");
      expect(header(plain.value, known)).toBeUndefined();
      expect(headerEntry(name)).toBeUndefined();
    }
    unpolluted();
  });

  test("as a parameter of every header is that parameter", () => {
    for (const name of TOKENS) {
      const params = readParams(`;${name}=polluted`, 0, name.length + 10);
      expect(params?.get(name.toLowerCase())).toBe("polluted");
      expect(readParams(";a=b", 0, 4)?.get(name.toLowerCase())).toBeUndefined();
      for (const { parse } of Object.values(HEADERS)) {
        for (const text of [`<sip:a>;${name}=polluted`, `a;${name}=x`, `${name}="x", ${name}=y`]) {
          expect(typeof parse(text).ok).toBe("boolean");
        }
      }
    }
    unpolluted();
  });

  test("in a URI: as its parameter, its header, its user and its scheme", () => {
    const plain = parseSipUri("sip:a@b;c=d");
    for (const name of TOKENS) {
      const uri = parseSipUri(`sip:a@b;${name}=polluted`);
      const [key = ""] = uri.ok ? uri.value.params.keys() : [];
      if (uri.ok) expect(unescapeUri(key)).toBe(unescapeUri(name).toLowerCase());
      if (uri.ok) expect(uri.value.params.get(key)).toBe("polluted");
      if (plain.ok) expect(plain.value.params.get(name.toLowerCase())).toBeUndefined();
      for (const text of [
        `sip:a@b?${name}=polluted`,
        `sip:${name}@b`,
        `${name}:b`,
        `tel:+1;${name}`,
      ]) {
        expect(typeof parseUri(text).ok).toBe("boolean");
      }
    }
    unpolluted();
  });

  test("in credentials and challenges", () => {
    for (const name of TOKENS) {
      for (const text of [
        `Digest ${name}="polluted"`,
        `${name} a=b`,
        `Digest realm="a", ${name}=b`,
      ]) {
        expect(typeof parseCredentials(text).ok).toBe("boolean");
        expect(typeof parseChallenge(text).ok).toBe("boolean");
      }
    }
    unpolluted();
  });

  test("in descriptions: as an attribute, a codec, a parameter and a kind of media", () => {
    const start = "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\n";
    for (const name of NAMES) {
      const lines = [
        ...[`a=${name}:polluted`, `m=${name} 9 RTP/AVP 0`, `m=audio 9 ${name} 0`],
        `m=audio 9 RTP/AVP 96\r\na=rtpmap:96 ${name}/8000\r\na=fmtp:96 ${name}=polluted`,
      ];
      for (const line of lines) {
        expect(typeof parseSdp(`${start}${line}\r\n`).ok).toBe("boolean");
      }
    }
    unpolluted();
  });

  test("in XML, in every document of it, in CPIM, in JSON and between parts of a body", () => {
    const readers = [
      ...[parsePidf, parseDialogInfo, parseReginfo, parseConferenceInfo, parseRlmi],
      ...[parseWatcherInfo, parseImdn, parseResourceLists, parseCpim, parseJournalPage],
    ];
    for (const name of NAMES) {
      const texts = [
        `<${name} ${name}="polluted"><${name}/></${name}>`,
        `<presence xmlns="urn:ietf:params:xml:ns:pidf" ${name}="polluted" entity="sip:a"/>`,
        `${name}: polluted\r\nNS: ${name} <urn:x>\r\n\r\nContent-Type: text/plain\r\n\r\n`,
        JSON.stringify({ entries: [] }).replace("entries", name),
        `{"entries":[{"${name}":{"polluted":1}}],"${name}":{"polluted":1}}`,
      ];
      for (const text of texts) {
        expect(typeof parseXml(text).ok).toBe("boolean");
        for (const read of readers) expect(typeof read(text).ok).toBe("boolean");
      }
      const params = new Map([["boundary", name]]);
      const type = { type: "multipart", subtype: "mixed", params };
      expect(typeof parseMultipart(type, `--${name}\r\n\r\nx\r\n--${name}--`).ok).toBe("boolean");
    }
    unpolluted();
  });
});
