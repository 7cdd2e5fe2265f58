/**
 * What can be set, by flag or by environment, and what is expected of it. A flag wins.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { isDomain } from "./store/house.ts";

export interface Settings {
  readonly data: string;
  readonly port: number;
  readonly sipPort: number;
  readonly tlsPort: number;
  readonly httpsPort: number;
  /** Files with a certificate and its key, PEM; undefined is no TLS. */
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly domain: string | undefined;
  /** The address to bind; undefined is all of them. */
  readonly host: string | undefined;
  readonly logLevel: string;
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
  readonly schema: z.ZodType<string | number, string>;
}

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65_535);

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
    expected: "a port from 0 to 65535",
    about: "SIP over TLS, if there is a certificate. 5061.",
    schema: port,
  },
  {
    key: "httpsPort",
    flag: "https-port",
    env: "CARILLON_HTTPS_PORT",
    expected: "a port from 0 to 65535",
    about: "The page over https, if there is a certificate. 8443.",
    schema: port,
  },
  {
    key: "tlsCert",
    flag: "tls-cert",
    env: "CARILLON_TLS_CERT",
    expected: "a file",
    about: "The certificate for TLS, PEM. No TLS if not given.",
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
    key: "config",
    flag: "config",
    env: "CARILLON_CONFIG",
    expected: "a file",
    about: "Decisions as code. carillon.config.ts in this folder, if there.",
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
];

export const defaultSettings: Settings = {
  data: ".carillon",
  port: 8080,
  sipPort: 5060,
  tlsPort: 5061,
  httpsPort: 8443,
  tlsCert: undefined,
  tlsKey: undefined,
  domain: undefined,
  host: undefined,
  logLevel: "info",
  config: undefined,
};
