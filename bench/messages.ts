/**
 * What a proxy does with an INVITE, beside the parsers of other SIP libraries from npm, in one run.
 *
 * Read: bytes to a message whose Via branch, tags, Call-ID, CSeq and Request-URI are known.
 * Forward: also the text that goes on, with a Via on top, a Record-Route, another Request-URI and
 * one hop less; for those libraries that can write a message at all.
 */
import { createRequire } from "node:module";
import { parseMessage, readEssentials, splice } from "carillon/message";
import { invite } from "./invite.ts";
import { type Contender, compare } from "./measure.ts";

const require = createRequire(import.meta.url);
const silent = { warn() {}, error() {}, log() {}, debug() {} };
const target = "sip:bob@192.0.2.4:5060;transport=udp";
const via = "SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKn1abc";
const route = "<sip:n1@198.51.100.1:5060;lr>";
const bytes = Buffer.from(invite, "latin1");

/** A result that is looked at, so that nothing is optimised away. */
type Branch = string;

const carillon: Contender = {
  name: "carillon",
  read: () => carillonRead().essentials.via.branch,
  forward: () => {
    const { request, essentials } = carillonRead();
    const { start, end } = essentials.via;
    const uriStart = request.method.length + 1;
    const line = request.headers.at[3 * request.headers.names.indexOf("Via")] ?? 0;
    const hops = request.headers.names.indexOf("Max-Forwards");
    const [from = 0, to = 0] = request.headers.at.slice(3 * hops + 1);
    return splice(request.text, [
      { start: uriStart, end: uriStart + request.uri.length, text: target },
      { start: line, end: line, text: `Via: ${via}\r\nRecord-Route: ${route}\r\n` },
      { start: end, end, text: `;received=192.0.2.1` },
      { start: from, end: to, text: String(Number(request.text.slice(from, to)) - 1) },
    ]).slice(0, start);
  },
};

function carillonRead() {
  const message = parseMessage(bytes.toString("latin1"));
  if (!message.ok || message.value.kind !== "Request") throw new Error("not read");
  const essentials = readEssentials(message.value);
  if (!essentials.ok) throw new Error("not read");
  return { request: message.value, essentials: essentials.value };
}

const jssipParser = require("jssip/lib/Parser.js");
const jssip: Contender = {
  name: "jssip",
  read: (): Branch => jssipParser.parseMessage(bytes.toString(), {}).via.branch,
};

const { Parser } = require("sip.js/lib/core/messages/parser.js");
const sipjs: Contender = {
  name: "sip.js",
  read: (): Branch => Parser.parseMessage(bytes.toString(), silent).via.branch,
};

const node = require("sip/sip.js");
const sip: Contender = {
  name: "sip",
  read: (): Branch => node.parse(bytes.toString()).headers.via[0].params.branch,
  forward: () => {
    const message = node.parse(bytes.toString());
    message.uri = target;
    const { headers } = message;
    headers.via[0].params.received = "192.0.2.1";
    headers.via.unshift({
      version: "2.0",
      protocol: "UDP",
      host: "198.51.100.1",
      port: 5060,
      params: { branch: "z9hG4bKn1abc" },
    });
    headers["record-route"] = [{ uri: "sip:n1@198.51.100.1:5060;lr", params: {} }];
    headers["max-forwards"] = String(headers["max-forwards"] - 1);
    return node.stringify(message);
  },
};

const { SipMessage } = require("drachtio-sip");
const drachtio: Contender = {
  name: "drachtio-sip",
  read: (): Branch => {
    const message = new SipMessage(bytes.toString());
    for (const name of ["from", "to", "cseq"]) message.getParsedHeader(name);
    return message.getParsedHeader("via")[0].params.branch;
  },
  forward: () => {
    const message = new SipMessage(bytes.toString());
    for (const name of ["from", "to", "cseq"]) message.getParsedHeader(name);
    message.uri = target;
    message.set("via", `${via}, ${message.get("via")};received=192.0.2.1`);
    message.set("record-route", route);
    message.set("max-forwards", String(message.get("max-forwards") - 1));
    return message.toString();
  },
};

console.log(`An INVITE of ${bytes.length} bytes.\n`);
compare("read", [carillon, jssip, sipjs, sip, drachtio]);
compare("forward", [carillon, sip, drachtio]);
