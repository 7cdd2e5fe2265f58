/** Parsers of other SIP libraries from npm. */
import { createRequire } from "node:module";
import {
  type Contender,
  type Found,
  ownBranch,
  recordRoute,
  source,
  target,
  via,
} from "./contender.ts";

const require = createRequire(import.meta.url);
const silent = { warn() {}, error() {}, log() {}, debug() {} };

const jssipParser = require("jssip/lib/Parser.js");

/** Parses From, To, CSeq, Via and the Request-URI at once, by a grammar. */
const jssip: Contender = {
  name: "jssip",
  read: (datagram): Found => {
    const message = jssipParser.parseMessage(datagram.toString(), {});
    return {
      method: message.method,
      user: message.ruri.user,
      host: message.ruri.host,
      sentBy: message.via.host,
      port: message.via.port,
      branch: message.via.branch,
      from: message.from.uri.toString(),
      fromTag: message.from_tag,
      to: message.to.uri.toString(),
      callId: message.call_id,
      cseq: message.cseq,
      cseqMethod: message.parseHeader("cseq").method,
      hops: Number(message.getHeader("max-forwards")),
      routes: message.getHeaders("route").map(hostOf),
      length: Number(message.getHeader("content-length")),
    };
  },
};

const { Parser } = require("sip.js/lib/core/messages/parser.js");

/** As JsSIP, of which it was a part. */
const sipjs: Contender = {
  name: "sip.js",
  read: (datagram): Found => {
    const message = Parser.parseMessage(datagram.toString(), silent);
    return {
      method: message.method,
      user: message.ruri.user,
      host: message.ruri.host,
      sentBy: message.via.host,
      port: message.via.port,
      branch: message.viaBranch,
      from: message.from.uri.toString(),
      fromTag: message.fromTag,
      to: message.to.uri.toString(),
      callId: message.callId,
      cseq: message.cseq,
      cseqMethod: message.parseHeader("cseq").method,
      hops: Number(message.getHeader("max-forwards")),
      routes: message.getHeaders("route").map(hostOf),
      length: Number(message.getHeader("content-length")),
    };
  },
};

/** Neither has a rule for Route that is asked for by itself; this little is all we need. */
const hostOf = (route: string): string => /sips?:(?:[^@>]*@)?([^:;>]+)/.exec(route)?.[1] ?? "";

const node = require("sip/sip.js");

/** Parses all the headers it knows at once; URIs but those of Route when asked. */
const sip: Contender = {
  name: "sip",
  read: (datagram): Found => {
    const { method, uri: text, headers } = node.parse(datagram.toString());
    const uri = node.parseUri(text);
    const [top] = headers.via;
    return {
      method,
      user: uri.user,
      host: uri.host,
      sentBy: top.host,
      port: top.port,
      branch: top.params.branch,
      from: headers.from.uri,
      fromTag: headers.from.params.tag,
      to: headers.to.uri,
      callId: headers["call-id"],
      cseq: headers.cseq.seq,
      cseqMethod: headers.cseq.method,
      hops: Number(headers["max-forwards"]),
      routes: headers.route.map((one: { uri: { host: string } }) => one.uri.host),
      length: headers["content-length"],
    };
  },
  forward: (datagram, out): number => {
    const message = node.parse(datagram.toString());
    if (node.parseUri(message.uri) === undefined) throw new Error("not read");
    const { headers } = message;
    message.uri = target;
    headers.via[0].params.received = source.host;
    headers.via[0].params.rport = source.port;
    headers.via.unshift({
      version: "2.0",
      protocol: "UDP",
      host: "198.51.100.1",
      port: 5060,
      params: { branch: ownBranch },
    });
    headers.route.shift();
    headers["record-route"] = [{ uri: "sip:n1@198.51.100.1:5060;lr", params: {} }];
    headers["max-forwards"] = String(Number(headers["max-forwards"]) - 1);
    return out.write(node.stringify(message), "latin1");
  },
};

const { SipMessage } = require("drachtio-sip");

/** Keeps headers as text and parses the one that is asked for. */
const drachtio: Contender = {
  name: "drachtio-sip",
  read: (datagram): Found => {
    const message = new SipMessage(datagram.toString());
    const uri = SipMessage.parseUri(message.uri);
    const [top] = message.getParsedHeader("via");
    const [from, to] = [message.getParsedHeader("from"), message.getParsedHeader("to")];
    const cseq = message.getParsedHeader("cseq");
    return {
      method: message.method,
      user: uri.user,
      host: uri.host,
      sentBy: top.host,
      port: top.port,
      branch: top.params.branch,
      from: from.uri,
      fromTag: from.params.tag,
      to: to.uri,
      callId: message.get("call-id"),
      cseq: cseq.seq,
      cseqMethod: cseq.method,
      hops: Number(message.get("max-forwards")),
      routes: message
        .getParsedHeader("route")
        .map((one: { uri: { host: string } }) => one.uri.host),
      length: Number(message.get("content-length")),
    };
  },
  forward: (datagram, out): number => {
    const message = new SipMessage(datagram.toString());
    const { headers } = message;
    const [top] = message.getParsedHeader("via");
    for (const name of ["from", "to", "cseq"]) message.getParsedHeader(name);
    const routes = message.getParsedHeader("route");
    if (!SipMessage.parseUri(message.uri) || !top.params.branch || routes.length !== 1)
      throw new Error("not read");
    message.uri = target;
    const stamped = headers.via.replace(/;rport(?=;|$)/, `;rport=${source.port}`);
    headers.via = `${via}, ${stamped};received=${source.host}`;
    delete headers.route;
    headers["record-route"] = recordRoute;
    headers["max-forwards"] = String(Number(headers["max-forwards"]) - 1);
    return out.write(message.toString(), "latin1");
  },
};

export const peers: readonly Contender[] = [jssip, sipjs, sip, drachtio];
