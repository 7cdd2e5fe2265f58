/** What has broken SIP parsers before, to be put where it does not belong. */
import type { Octets } from "../grammar/octets.ts";

export const NASTY: readonly Octets[] = [
  ...'\0\r\n\t "\\<>;,:=@?%/*',
  ...[
    "\r\n",
    "\r\n ",
    "\r\n\r\n",
    "\\\0",
    "\\\0",
    "\\\0",
    "\xff",
    "\xc0\x80",
    "=",
    "==",
    "%00",
    "[::",
    "]",
  ],
  ...["tag=", ";lr", "sip:", "sips:", "SIP/2.0", "z9hG4bK", "4294967296", "-1", "9".repeat(20)],
  ...["a".repeat(300), ",".repeat(70), ";a=b".repeat(120), "(".repeat(50), '"'.repeat(3)],
];

/** A message with each nasty thing in each line, where its value starts and where it ends. */
export function* eachSpoiled(octets: Octets): Generator<Octets> {
  for (const { index } of octets.matchAll(/(?<=: )|(?=\r\n)/g)) {
    for (const put of NASTY) yield octets.slice(0, index) + put + octets.slice(index);
  }
}
