/**
 * What can be set, by flag or by environment, and what is expected of it. A flag wins.
 */

import { isIP } from "node:net";
import { z } from "zod";
import { parseRtpengines, type RtpengineAddress } from "./bridge/rtpengine-address.ts";
import type { LogFormat } from "./http/log-line.ts";
import { isDomain } from "./store/house.ts";
import { readTurn } from "./turn/turn-setting.ts";

export interface Settings {
  readonly data: string;
  readonly port: number;
  readonly sipPort: number;
  /** Undefined is no SIP over TLS. */
  readonly tlsPort: number | undefined;
  /** Undefined is no MSRP over TLS. */
  readonly msrpPort: number | undefined;
  /** `on`, `off`, or the URLs of another TURN server, with commas between them. */
  readonly turn: string;
  /** What another TURN server shares with this house: coturn's `static-auth-secret`. */
  readonly turnSecret: string | undefined;
  /** Undefined is no TURN server of our own. */
  readonly turnPort: number | undefined;
  /** Undefined is no page over https. */
  readonly httpsPort: number | undefined;
  /** The page without TLS; otherwise whoever comes that way is led to https. */
  readonly plainHttp: "on" | "off";
  /** Files with a certificate and its key, PEM; undefined is one that the server makes itself. */
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** Whom an authority (ACME) may write to; undefined asks none, unless the configuration does. */
  readonly acme: string | undefined;
  readonly domain: string | undefined;
  /** The address to bind; undefined is all of them. */
  readonly host: string | undefined;
  readonly logLevel: string;
  readonly logFormat: LogFormat;
  /** When calls go through this program because their two phones do not understand each other. */
  readonly media: "auto" | "always" | "never";
  /** UDP ports for what is said in such calls, both ends included. */
  readonly mediaPorts: { readonly from: number; readonly to: number };
  /** Processes for it; undefined is one for each core. */
  readonly mediaWorkers: number | undefined;
  /** rtpengines for calls between two phones; undefined is our own processes. */
  readonly mediaEngine: readonly RtpengineAddress[] | undefined;
  /** A file of its own; undefined looks for carillon.config.ts and its like. */
  readonly config: string | undefined;
}

export interface Setting {
  readonly key: keyof Settings;
  /** Without a flag it is for the environment only. */
  readonly flag: string | undefined;
  readonly env: string;
  readonly expected: string;
  readonly about: string;
  readonly schema: z.ZodType<Settings[keyof Settings], string>;
}

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65_535);

/** One that may be left unused. */
const portOrOff = z.union([z.literal("off").transform(() => undefined), port]);

const range = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/)
  .transform((text) => {
    const [from = 0, to = 0] = text.split("-").map(Number);
    return { from, to };
  })
  .refine(({ from, to }) => from >= 1024 && to <= 65_535 && to - from >= 15);

/** `rtpengine 192.0.2.1:2223,192.0.2.2:2223*2`: several, with their share of calls. */
const rtpengines = z.string().transform((text, context) => {
  const read = parseRtpengines(text);
  if (read) return read;
  context.addIssue({ code: "custom", message: "no rtpengine" });
  return z.NEVER;
});

const levels = ["silent", "error", "warn", "info", "debug"];

/** Every setting, in the order in which the help lists them. */
export const settings: readonly Setting[] = [
  {
    key: "data",
    flag: "data",
    env: "CARILLON_DATA",
    expected: "a folder",
    about: "Where everything is kept. .carillon in this folder.",
    schema: z.string().min(1),
  },
  {
    key: "port",
    flag: "port",
    env: "CARILLON_PORT",
    expected: "a port from 0 to 65535",
    about: "The page, and SIP over WebSocket. 8080.",
    schema: port,
  },
  {
    key: "sipPort",
    flag: "sip-port",
    env: "CARILLON_SIP_PORT",
    expected: "a port from 0 to 65535",
    about: "SIP over UDP and TCP. 5060.",
    schema: port,
  },
  {
    key: "tlsPort",
    flag: "tls-port",
    env: "CARILLON_TLS_PORT",
    expected: "a port from 0 to 65535, or off",
    about: "SIP over TLS. 5061; off is none.",
    schema: portOrOff,
  },
  {
    key: "httpsPort",
    flag: "https-port",
    env: "CARILLON_HTTPS_PORT",
    expected: "a port from 0 to 65535, or off",
    about: "The page over https, and SIP in it. 8443; off is none.",
    schema: portOrOff,
  },
  {
    key: "plainHttp",
    flag: "plain-http",
    env: "CARILLON_PLAIN_HTTP",
    expected: "on or off",
    about: "off leads everybody to https, and browsers remember it. on.",
    schema: z.enum(["on", "off"]),
  },
  {
    key: "msrpPort",
    flag: "msrp-port",
    env: "CARILLON_MSRP_PORT",
    expected: "a port from 0 to 65535, or off",
    about: "Files and messages over TLS (MSRP). 2855; off is none.",
    schema: portOrOff,
  },
  {
    key: "turnPort",
    flag: "turn-port",
    env: "CARILLON_TURN_PORT",
    expected: "a port from 0 to 65535, or off",
    about: "STUN and TURN over UDP: a way for sound through NATs. 3478.",
    schema: portOrOff,
  },
  {
    key: "turn",
    flag: "turn",
    env: "CARILLON_TURN",
    expected: "on, off, or URLs such as turn:turn.example:3478",
    about: "off is none; URLs have calls use that one (coturn) instead.",
    schema: z.string().refine((value) => readTurn(value) !== undefined),
  },
  {
    key: "turnSecret",
    flag: "turn-secret",
    env: "CARILLON_TURN_SECRET",
    expected: "the other server's static-auth-secret",
    about: "What that one shares with this house.",
    schema: z.string().min(1),
  },
  {
    key: "tlsCert",
    flag: "tls-cert",
    env: "CARILLON_TLS_CERT",
    expected: "a file",
    about: "The certificate for TLS, PEM; one of its own if not given.",
    schema: z.string().min(1),
  },
  {
    key: "tlsKey",
    flag: "tls-key",
    env: "CARILLON_TLS_KEY",
    expected: "a file",
    about: "Its key, PEM.",
    schema: z.string().min(1),
  },
  {
    key: "acme",
    flag: "acme",
    env: "CARILLON_ACME",
    expected: "an address for mail, such as you@house.example",
    about: "A certificate from Let's Encrypt, whose terms you agree to.",
    schema: z.email(),
  },
  {
    key: "domain",
    flag: "domain",
    env: "CARILLON_DOMAIN",
    expected: "a name such as house.example",
    about: "What follows the @ in addresses; fixed at the first start.",
    schema: z.string().toLowerCase().refine(isDomain),
  },
  {
    key: "host",
    flag: "host",
    env: "CARILLON_HOST",
    expected: "an address of this machine, such as 127.0.0.1",
    about: "Listen on this address only. All of them if not given.",
    schema: z
      .string()
      .transform((value) => (value === "localhost" ? "127.0.0.1" : value))
      .refine((value) => isIP(value) !== 0),
  },
  {
    key: "media",
    flag: "media",
    env: "CARILLON_MEDIA",
    expected: "auto, always or never",
    about: "Calls of browsers with desk phones go through here. auto.",
    schema: z.enum(["auto", "always", "never"]),
  },
  {
    key: "mediaPorts",
    flag: "media-ports",
    env: "CARILLON_MEDIA_PORTS",
    expected: "ports from 1024 to 65535 such as 30000-39999, at least 16",
    about: "UDP, for what is said in such calls. 30000-39999.",
    schema: range,
  },
  {
    key: "mediaWorkers",
    flag: "media-workers",
    env: "CARILLON_MEDIA_WORKERS",
    expected: "a number from 1 to 64",
    about: "Processes for it. One for each core.",
    schema: z
      .string()
      .regex(/^\d{1,2}$/)
      .transform(Number)
      .refine((value) => value >= 1 && value <= 64),
  },
  {
    key: "mediaEngine",
    flag: "media-engine",
    env: "CARILLON_MEDIA_ENGINE",
    expected: "rtpengine and its address, such as 127.0.0.1:2223; several with commas between",
    about: "rtpengine instead of them, by its ng protocol. None.",
    schema: rtpengines,
  },
  {
    key: "config",
    flag: "config",
    env: "CARILLON_CONFIG",
    expected: "a file",
    about: "Decisions as code; carillon.config.ts here, if it is there.",
    schema: z.string().min(1),
  },
  {
    key: "logLevel",
    flag: undefined,
    env: "CARILLON_LOG",
    expected: levels.join(", "),
    about: "How much is written to the log on stderr. info.",
    schema: z.enum(levels as [string, ...string[]]),
  },
  {
    key: "logFormat",
    flag: "log-format",
    env: "CARILLON_LOG_FORMAT",
    expected: "json or plain",
    about: "The log for programs, or for people. json.",
    schema: z.enum(["json", "plain"]),
  },
];

export const defaultSettings: Settings = {
  data: ".carillon",
  port: 8080,
  sipPort: 5060,
  tlsPort: 5061,
  msrpPort: 2855,
  turn: "on",
  turnSecret: undefined,
  turnPort: 3478,
  httpsPort: 8443,
  plainHttp: "on",
  tlsCert: undefined,
  tlsKey: undefined,
  acme: undefined,
  domain: undefined,
  host: undefined,
  media: "auto",
  mediaPorts: { from: 30_000, to: 39_999 },
  mediaWorkers: undefined,
  mediaEngine: undefined,
  logLevel: "info",
  logFormat: "json",
  config: undefined,
};
