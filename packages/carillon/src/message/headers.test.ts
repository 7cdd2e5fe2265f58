import { describe, expect, test } from "vitest";
import { MAX_VALUES } from "../grammar/limits.ts";
import {
  elementSpans,
  elements,
  findHeader,
  hasHeader,
  header,
  headerLines,
  lineSpan,
  listsToken,
  valueSpan,
} from "./headers.ts";
import { type Message, parseMessage } from "./message.ts";

const message = (...lines: string[]): Message => {
  const result = parseMessage(`OPTIONS sip:h SIP/2.0\r\n${lines.join("\r\n")}\r\n\r\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const values = (m: Message, name: string) => {
  const result = elements(m, name);
  return result.ok ? result.value : result.error.code;
};

//= RFC 3261 §7.3.1
//# the above are all valid and equivalent, but the last is the preferred form.
test("RFC 3261 §7.3.1: white space around the colon does not count", () => {
  const lines = [
    "Subject:            lunch",
    "Subject      :      lunch",
    "Subject            :lunch",
  ];
  for (const line of [
    ...lines,
    "Subject: lunch",
    "s:lunch\t ",
    "SUBJECT\t:\tlunch",
    "S:\r\n lunch",
  ]) {
    expect([line, header(message(line), "Subject")]).toEqual([line, "lunch"]);
  }
});

//= RFC 3261 §7.3.1
//# Header fields can be extended over multiple lines by preceding each extra line with at least one
//# SP or horizontal tab (HT). The line break and the whitespace at the beginning of the next line
//# are treated as a single SP character.
test("RFC 3261 §7.3.1: a folded header is the same header", () => {
  const one = message("Subject: I know you're there, pick up the phone and talk to me!");
  const folded = message(
    "Subject: I know you're there,",
    "         pick up the phone",
    "\tand talk to me!",
  );
  expect(header(folded, "Subject")).toBe(header(one, "Subject"));
  expect(header(message("Subject:", " \t", " a", "  ", "To: b"), "Subject")).toBe("a");
});

//= RFC 3261 §7.3.1
//# Implementations MUST be able to process multiple header field rows with the same name in any
//# combination of the single-value-per-line or comma-separated value forms.
describe("RFC 3261 §7.3.1: rows of one name", () => {
  const [alice, bob, carol] = [
    "<sip:alice@atlanta.com>",
    "<sip:bob@biloxi.com>",
    "<sip:carol@chicago.com>",
  ];

  test("are valid and equivalent", () => {
    const groups = [
      [`Route: ${alice}`, "Subject: Lunch", `Route: ${bob}`, `Route: ${carol}`],
      [`Route: ${alice}, ${bob}`, `Route: ${carol}`, "Subject: Lunch"],
      ["Subject: Lunch", `Route: ${alice}, ${bob},`, `       ${carol}`],
    ];
    for (const group of groups) {
      expect(values(message(...group), "Route")).toEqual([alice, bob, carol]);
      expect(header(message(...group), "Subject")).toBe("Lunch");
    }
  });

  test("are valid but not equivalent to the others", () => {
    const blocks = [
      [`Route: ${alice}`, `Route: ${bob}`, `Route: ${carol}`],
      [`Route: ${bob}`, `Route: ${alice}`, `Route: ${carol}`],
      [`Route: ${alice},${carol},`, `       ${bob}`],
    ];
    expect(blocks.map((block) => values(message(...block), "Route"))).toEqual([
      [alice, bob, carol],
      [bob, alice, carol],
      [alice, carol, bob],
    ]);
  });
});

describe("reading by name", () => {
  const m = message(
    "Contact: <sip:a>,<sip:b>;q=1",
    "X-Unknown: 1",
    'm: "C, D" <sip:c,d>',
    "x-unKNOWN : 2",
    "Supported:",
    "k: path , OutBound",
  );

  test("finds the first line, or the next", () => {
    expect(findHeader(m, "Contact")).toBe(0);
    expect(findHeader(m, "Contact", 1)).toBe(2);
    expect(findHeader(m, "Contact", 3)).toBe(-1);
    expect(hasHeader(m, "x-unknown")).toBe(true);
    expect(hasHeader(m, "X-Unknown")).toBe(false);
  });

  test("gives whole lines and their elements", () => {
    expect(header(m, "Contact")).toBe("<sip:a>,<sip:b>;q=1");
    expect(headerLines(m, "Contact")).toEqual(["<sip:a>,<sip:b>;q=1", '"C, D" <sip:c,d>']);
    expect(headerLines(m, "x-unknown")).toEqual(["1", "2"]);
    expect(values(m, "Contact")).toEqual(["<sip:a>", "<sip:b>;q=1", '"C, D" <sip:c,d>']);
  });

  test("gives nothing where there is nothing", () => {
    expect(header(m, "Route")).toBeUndefined();
    expect(headerLines(m, "Route")).toEqual([]);
    expect(values(m, "Route")).toEqual([]);
    expect(header(m, "Supported")).toBe("");
  });

  test("says where things stand in the text", () => {
    const at = (line: number) => {
      const [value, whole] = [valueSpan(m, line), lineSpan(m, line)];
      return [m.text.slice(value.start, value.end), m.text.slice(whole.start, whole.end)];
    };
    expect(at(1)).toEqual(["1", "X-Unknown: 1\r\n"]);
    expect(at(3)).toEqual(["2", "x-unKNOWN : 2\r\n"]);
    expect(at(4)).toEqual(["", "Supported:\r\n"]);
    expect(at(5)).toEqual(["path , OutBound", "k: path , OutBound\r\n"]);
    const spans = elementSpans(m, "Contact");
    expect(spans.ok && spans.value.map(({ start, end }) => m.text.slice(start, end))).toEqual(
      values(m, "Contact"),
    );
  });

  test("finds a token in a list, whatever its case; an empty line lists nothing", () => {
    expect(listsToken(m, "Supported", "outbound")).toBe(true);
    expect(listsToken(m, "Supported", "PATH")).toBe(true);
    expect(listsToken(m, "Supported", "pat")).toBe(false);
    expect(listsToken(m, "Require", "path")).toBe(false);
    expect(values(m, "Supported")).toEqual(["path", "OutBound"]);
  });
});

test("a list with an empty element, an open quote or too many elements is refused", () => {
  for (const line of [
    "Route: <sip:a>,",
    "Route: ,<sip:a>",
    "Route: a,,b",
    'Route: "a',
    "Route: <a",
  ]) {
    expect(values(message(line), "Route")).toBe("bad-header");
    expect(listsToken(message(line), "Route", "a")).toBe(false);
  }
  const many = (n: number) => Array.from({ length: n }, (_, i) => `<sip:${i}>`);
  expect(values(message(`Route: ${many(MAX_VALUES).join()}`), "Route")).toHaveLength(MAX_VALUES);
  expect(values(message(`Route: ${many(MAX_VALUES + 1).join()}`), "Route")).toBe("bad-header");
  const rows = [`Route: ${many(MAX_VALUES).join()}`, "Route: <sip:x>"];
  expect(values(message(...rows), "Route")).toBe("bad-header");
});

test("headers can be called after what every object has", () => {
  const m = message("__proto__: 1", "constructor: 2", "toString: 3", "hasOwnProperty: 4");
  const names = ["__proto__", "constructor", "tostring", "hasownproperty"];
  expect(names.map((name) => header(m, name))).toEqual(["1", "2", "3", "4"]);
  const none = message("A: 1");
  for (const name of [...names, "toString", "valueOf"]) {
    expect(header(none, name)).toBeUndefined();
    expect(hasHeader(none, name)).toBe(false);
    expect(values(none, name)).toEqual([]);
  }
});
