import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromText, toText } from "../grammar/octets.ts";
import { elementsOf, textOf, XML_NAMESPACE, type XmlElement } from "./element.ts";
import { formatXml } from "./format-xml.ts";
import { parseXml, XML_LIMITS } from "./parse-xml.ts";

const bare = elementsOf("");

function root(text: string): XmlElement {
  const read = parseXml(fromText(text));
  if (!read.ok) throw new Error(`${read.error.message} at ${read.error.offset}`);
  return read.value;
}

const fault = (text: string) => {
  const read = parseXml(fromText(text));
  return read.ok ? "no fault" : read.error.message;
};

describe("XML", () => {
  test("is elements, attributes and text", () => {
    const text = '<?xml version="1.0"?>\n<a b="1" c=\'2\'>x<d/>y<e>z</e></a>\n';
    expect(root(text)).toEqual(
      bare("a", { b: "1", c: "2" }, ["x", bare("d"), "y", bare("e", {}, ["z"])]),
    );
  });

  test("has comments, instructions and CDATA, of which the text stays", () => {
    expect(root("<!-- x --><?p q?><a>1<!-- <b> -->2<?xmlish?><![CDATA[<&>]]>3</a>")).toEqual(
      bare("a", {}, ["12<&>3"]),
    );
  });

  test("has references to characters, and five entities", () => {
    expect(textOf(root("<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;&#x1F514;</a>"))).toBe(`<&>"'AB🔔`);
    expect(root('<a b="&#10;&quot;"/>').attributes.get("b")).toBe('\n"');
    for (const reference of ["&nbsp;", "&", "&lt", "&#0;", "&#xD800;", "&#xFFFFFFFF;", "&#;"]) {
      expect(fault(`<a>${reference}</a>`)).toBe("an entity that XML does not define");
    }
  });

  test("XML 1.0 §2.11 has line ends that are all the same", () => {
    expect(textOf(root("<a>1\r\n2\r3\n4</a>"))).toBe("1\n2\n3\n4");
    expect(root("<a b='1\r\n2\t3\n'/>").attributes.get("b")).toBe("1 2 3 ");
  });

  test("is in UTF-8 and in no other encoding", () => {
    expect(textOf(root('\ufeff<?xml version="1.0" encoding="utf-8"?><a>Grüße ☎ 🔔</a>'))).toBe(
      "Grüße ☎ 🔔",
    );
    expect(fault('<?xml version="1.0" encoding="ISO-8859-1"?><a/>')).toContain("ISO-8859-1");
    const broken = [
      "\xff",
      "\xc0\x80",
      "\xed\xa0\x80",
      "\xf4\x90\x80\x80",
      "\xe2\x82",
      "\xef\xbf\xbf",
    ];
    for (const octets of [...broken, "\x00", "\x0b"]) {
      expect(parseXml(`<a>${octets}</a>`).ok).toBe(false);
    }
    expect(parseXml("\xfe\xff\x00<\x00a\x00/\x00>").ok).toBe(false);
  });

  test("Namespaces in XML resolves prefixes, from element to element", () => {
    const text =
      '<a xmlns="u:1" xmlns:p="u:2" p:x="1" x="2"><p:b xmlns:p="u:3"><c xmlns=""/></p:b><p:d/></a>';
    const [one, two, three] = [elementsOf("u:1"), elementsOf("u:2"), elementsOf("u:3")];
    expect(root(text)).toEqual(
      one("a", { "{u:2}x": "1", x: "2" }, [three("b", {}, [bare("c")]), two("d")]),
    );
    expect(root('<a xml:lang="de"/>').attributes.get(`{${XML_NAMESPACE}}lang`)).toBe("de");
  });

  test("Namespaces in XML refuses what is not declared, or must not be", () => {
    for (const text of [
      "<p:a/>",
      "<a p:b='1'/>",
      "<a xmlns:p=''/>",
      "<a xmlns:xml='u:1'/>",
      "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
      "<a xmlns:xmlns='u:1'/>",
      "<a xmlns:p='u:1' xmlns:q='u:1' p:x='1' q:x='2'/>",
      "<a><p:b xmlns:p='u:1'/><p:c/></a>",
      "<a:b:c xmlns:a='u:1'/>",
      "<:a/>",
      "<a:/>",
    ]) {
      expect([text, parseXml(text).ok]).toEqual([text, false]);
    }
  });

  test("has no DTD, so that nothing grows", () => {
    const laughs = `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>`;
    expect(parseXml(laughs)).toMatchObject({ ok: false, error: { code: "xml-dtd", status: 400 } });
    expect(fault('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>')).toBe("declarations are not read");
    expect(parseXml("<a><!ENTITY b 'c'></a>").ok).toBe(false);
  });

  test("is refused where it is not well-formed", () => {
    for (const text of [
      ...["", "x", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a/>x", "x<a/>", "<a", "<a b>", "<a b=>"],
      ...["<a b=1/>", '<a b="1/>', '<a b="<"/>', '<a b="1"c="2"/>', '<a b="1" b="2"/>', "< a/>"],
      ...["<a>]]></a>", "<a><!-- -- --></a>", "<a><!-- </a>", "<a><![CDATA[</a>", "<a><?p</a>"],
      ...[
        "<![CDATA[x]]><a/>",
        '<a/><?xml version="1.0"?>',
        "<1a/>",
        "<-a/>",
        "<a / >",
        "<a></a b>",
      ],
      ...["<?xml <a/>", "<a><b></a></b>", "<a\u0000/>"],
    ]) {
      expect([text, parseXml(text).ok]).toEqual([text, false]);
    }
  });

  test("has limits", () => {
    const { depth, elements, attributes, name, length } = XML_LIMITS;
    const nested = (n: number) => "<a>".repeat(n) + "</a>".repeat(n);
    const many = (n: number) => `<r>${"<a/>".repeat(n - 1)}</r>`;
    const wide = (n: number) =>
      `<a ${Array.from({ length: n }, (_, i) => `a${i}="1"`).join(" ")}/>`;
    const named = (n: number) => `<${"a".repeat(n)}/>`;
    const long = (n: number) => `<a>${"x".repeat(n - 7)}</a>`;
    for (const [make, limit] of [
      [nested, depth],
      [many, elements],
      [wide, attributes],
      [named, name],
      [long, length],
    ] as const) {
      expect(parseXml(make(limit)).ok).toBe(true);
      expect(parseXml(make(limit + 1)).ok).toBe(false);
    }
  });
});

describe("XML that is written", () => {
  test("has the root's namespace for its own, and a prefix for each other", () => {
    const [one, two] = [elementsOf("u:1"), elementsOf("u:2")];
    const tree = one("a", { b: '"<&>\n' }, ["x & y", two("c"), one("d", { "{u:2}e": "1" })]);
    expect(toText(formatXml(tree, { "u:2": "rpid" }))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<a xmlns="u:1" xmlns:rpid="u:2" b="&quot;&lt;&amp;&gt;&#10;">x &amp; y<rpid:c/>' +
        '<d rpid:e="1"/></a>',
    );
  });

  test("holds nothing that XML cannot hold", () => {
    expect(toText(formatXml(bare("a", {}, ["1\u0000\u000b\ud800\uffff2"])))).toContain(
      "<a>1\ufffd\ufffd\ufffd\ufffd2</a>",
    );
    for (const name of ["", "a b", "a:b", "<", "xmlns"]) {
      expect(() => formatXml(bare(name))).toThrow(RangeError);
      expect(() => formatXml(bare("a", { [name]: "1" }))).toThrow(RangeError);
    }
  });

  const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_.-]{0,5}$/).filter((one) => one !== "xmlns");
  const namespace = fc.constantFrom("", "u:1", "u:2", 'u:"&<>', XML_NAMESPACE);
  const text = fc.string({ unit: "grapheme", maxLength: 8 }).map((one) => one.toWellFormed());
  const isHeld = (one: string) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(one);
  const tree: fc.Arbitrary<XmlElement> = fc.letrec<{ element: XmlElement }>((tie) => ({
    element: fc.record({
      namespace,
      name,
      attributes: fc
        .array(fc.tuple(namespace, name, text.filter(isHeld)), { maxLength: 3 })
        .map((all) => new Map(all.map(([ns, key, value]) => [ns ? `{${ns}}${key}` : key, value]))),
      children: fc
        .array(fc.oneof({ maxDepth: 4 }, text.filter(isHeld), tie("element")), { maxLength: 4 })
        .map((all) => bare("x", {}, all).children),
    }),
  })).element;

  test("is read as what it was", () => {
    fc.assert(
      fc.property(tree, (one) => {
        const read = parseXml(formatXml(one));
        expect(read.ok && read.value).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });
});

describe("XML from anybody", () => {
  test("never throws, whatever it is", () => {
    const piece = fc.constantFrom(
      ...["<", ">", "/", "<a", "</a>", "<a>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "&"],
      ...[
        "&#",
        ";",
        '"',
        "'",
        "=",
        " ",
        "xmlns",
        ":",
        "p",
        "\r",
        "\n",
        "\xff",
        "\xc3\xbc",
        "<!DOCTYPE",
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        parseXml(pieces.join(""));
        parseXml(`<a>${pieces.join("")}</a>`);
      }),
      { numRuns: 3000 },
    );
  });
});
