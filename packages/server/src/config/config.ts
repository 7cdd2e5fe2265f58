/**
 * `carillon.config.ts`: what an operator decides beyond the options of the command line.
 *
 *   import { defineConfig } from "carillon-server";
 *   export default defineConfig({ calls: { forking: "by-q" } });
 *
 * All of it may be left out. A plain object does as well, and so does `carillon.config.json`.
 */
import { isIP } from "node:net";
import { type Answer, type Asked, CONTACT_KINDS, type Decision } from "carillon/roles";
import { parseSipUri, parseUri } from "carillon/uri";
import { z } from "zod";
import { readStunServer } from "../addresses/stun-question.ts";
import type { DnsHooks } from "../certificates/dns-answers.ts";
import { LAMPS } from "../presence/house-views.ts";
import { addressIn } from "../seeing/hep-sender.ts";
import { isDomain } from "../store/house.ts";
import { dialling } from "./dialling-config.ts";
import { edge } from "./edge-config.ts";
import { serverAt } from "./server-at.ts";

/** An operator's own routing; it may take its time, while nothing else waits. */
export type OperatorRoute = (
  asked: Asked,
) => Answer<Decision | undefined> | Promise<Decision | undefined>;

const address = z.string().refine((text) => isIP(text) !== 0, { error: "an IP address" });

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
const network = z.string().refine(isNetwork, {
  error: "an address or a network, such as 192.0.2.7 or 192.0.2.0/24",
});

/** `*`, `other.example`, `*.example`, `192.0.2.7`. */
const otherDomain = z
  .string()
  .refine(
    (text) => text === "*" || isIP(text) !== 0 || isDomain(text.toLowerCase().replace(/^\*\./, "")),
    {
      error: "a domain, *.example for all below one, or * for any",
    },
  );

const partner = z.string().refine((text) => isDomain(text.toLowerCase()), {
  error: "the name of a domain, such as biloxi.example",
});

/** A server by its address: without state nothing is looked up. */
const server = z.string().refine((text) => serverAt(text, "") !== undefined, {
  error: "a sip URI with an address, such as sip:192.0.2.7:5060;transport=tcp",
});

/** Where the DNS is asked: `192.0.2.53`, `192.0.2.53:5353`. */
const nameServer = z.string().refine(isNameServer, {
  error: "an address, with a port or without: 192.0.2.53, 192.0.2.53:5353, [2001:db8::53]:5353",
});

/** What is dialled, each: `*43`, `9196`. */
const dialled = z
  .array(
    z.string().regex(/^[a-z0-9*#+._-]{1,32}$/, { error: "a number or name, such as *43 or 9196" }),
  )
  .max(16);

/** `sip:proxy.example;lr` */
const looseRoute = z.string().refine(isLooseRoute, { error: "a sip URI with ;lr" });

/** With whatever user part is put in. */
const uri = z.string().refine((text) => parseUri(text.replaceAll("{user}", "x")).ok, {
  error: "a URI, such as sip:a@b",
});

const contact = z.union([uri, z.strictObject({ uri, q: z.number().min(0).max(1).optional() })]);

const redirect = z.strictObject({
  /** Whom it is for: `bob`, `00*`, `*@other.example`, `bob@other.example`. */
  to: z.string().regex(/^[^@*]*\*?(?:@[A-Za-z0-9.-]+)?$/, {
    error: "a user, a beginning with *, or either at a domain: bob, 00*, *@other.example",
  }),
  /** `{user}` in a URI stands for the user who was asked for. */
  contacts: z.array(contact).min(1).max(16),
  status: z.union([z.literal(300), z.literal(301), z.literal(302), z.literal(305)]).optional(),
});

export const schema = z.strictObject({
  /** From where requests need no credentials; a gateway, say. Over UDP addresses can be forged. */
  trust: z.array(network).max(256).optional(),
  /** Other names of this server. */
  aliases: z.array(z.string().min(1)).max(64).optional(),
  /**
   * Other domains whose servers may reach people here. They have to show a certificate of their
   * domain over TLS (RFC 5922), and come in the name of somebody there.
   */
  partners: z.array(partner).max(1000).optional(),
  /** Read at the start, and kept in the house: `carillon user` goes by it, too. */
  people: z
    .strictObject({
      /** How many the house takes; 200 if left out. */
      most: z.number().int().min(1).max(1_000_000).optional(),
      /** Phones with a password of their own; 20 if left out. */
      phonesEach: z.number().int().min(1).max(100).optional(),
    })
    .optional(),
  /** What people say to each other. Read at the start. */
  messages: z
    .strictObject({
      /** Days; 730 if left out. Each person may want less. */
      keptDays: z.number().int().min(1).max(36_500).optional(),
      /** Entries of each person's journal; 100,000 if left out. */
      keptEntries: z.number().int().min(100).max(100_000_000).optional(),
      /** How many each sender may send at once; 30 if left out. */
      burst: z.number().int().min(1).max(100_000).optional(),
      /** And how many a second from then on; 10 if left out. */
      perSecond: z.number().min(0.1).max(100_000).optional(),
    })
    .optional(),
  /** Other names of people here, such as numbers for phones without letters: `{ "100": "ann" }`. */
  names: z.record(z.string().min(1), z.string().min(1)).optional(),
  /** What may be registered. */
  registrar: z
    .strictObject({
      /** Kinds of contacts that are refused; all but the last two if left out. */
      refuse: z.array(z.enum(CONTACT_KINDS)).optional(),
      /** How many a person may have at a time, and one of their devices; 10 if left out. */
      contactsPerPerson: z.number().int().min(1).max(30).optional(),
      contactsPerDevice: z.number().int().min(1).max(30).optional(),
      /**
       * What phones are told to send their requests through, the first server first: SIP URIs. None
       * if left out. RFC 3608.
       */
      serviceRoute: z.array(looseRoute).min(1).max(8).optional(),
      /** Who may register devices for others: `{ secretary: ["boss"] }`. */
      others: z.record(z.string().min(1), z.array(z.string().min(1))).optional(),
    })
    .optional(),
  /** Files with PEM; a path is meant from the folder of this file. Read again on SIGHUP. */
  tls: z
    .strictObject({
      /** Authorities that are believed beside the usual ones. */
      ca: z.array(z.string().min(1)).max(64).optional(),
      /**
       * Lists of revoked certificates. With any, each authority that is believed needs its own:
       * certificates of the others are refused.
       */
      crl: z.array(z.string().min(1)).max(64).optional(),
    })
    .optional(),
  /** Certificates from an authority, by ACME (RFC 8555). Read at the start. */
  certificates: z
    .strictObject({
      acme: z
        .strictObject({
          /** Whom it writes to. With it, you agree to its terms. `--acme` says it as well. */
          email: z.email().optional(),
          /** Its directory; that of Let's Encrypt if left out. */
          directory: z.url({ protocol: /^https$/ }).optional(),
          /** What the certificate speaks for; the domain and `aliases` in the DNS if left out. */
          names: z.array(partner).min(1).max(100).optional(),
          /** Where this program listens for the authority's question; 80 if left out. */
          httpPort: z.number().int().min(1).max(65_535).optional(),
          /** A file with who vouches for the authority's own HTTPS: for one of your own. */
          ca: z.string().min(1).optional(),
          /** How it knows you already, if it wants that. RFC 8555 §7.3.4. */
          account: z
            .strictObject({ kid: z.string().min(1), hmacKey: z.string().min(1) })
            .optional(),
          /** Functions that put a TXT record into the DNS, and take it away; else over HTTP. */
          dns: z
            .strictObject({
              set: z.custom<DnsHooks["set"]>(isFunction, "a function"),
              remove: z.custom<DnsHooks["remove"]>(isFunction, "a function"),
            })
            .optional(),
        })
        .optional(),
    })
    .optional(),
  /** What `/metrics` tells, and to whom beside this machine. False: nothing. Read at the start. */
  metrics: z
    .union([
      z.literal(false),
      z.strictObject({
        from: z.array(network).max(64).optional(),
        /** Whoever bears it (`Authorization: Bearer …`) may look from anywhere. */
        token: z
          .string()
          .regex(/^[\x21-\x7e]{8,512}$/, { error: "8 characters or more" })
          .optional(),
      }),
    ])
    .optional(),
  /** A collector of messages, over UDP: HEP version 3, as of HOMER. Read at the start. */
  hep: z
    .strictObject({
      to: z.string().refine((text) => addressIn(text).port > 0, {
        error: "an address with a port, such as 192.0.2.1:9060",
      }),
      /** Which of several agents this is; 1 if left out. */
      id: z.number().int().min(0).max(4_294_967_295).optional(),
      /** What the collector wants to see. */
      password: z.string().min(1).max(128).optional(),
      /** Bodies and keys of media go along; hidden if left out. Credentials never go. */
      bodies: z.boolean().optional(),
    })
    .optional(),
  /** To which other domains people here may send; to none, if left out. */
  domains: z.array(otherDomain).max(1000).optional(),
  /** Who is asked for their servers; whom the system asks, if left out. Read at the start. */
  dns: z.array(nameServer).min(1).max(8).optional(),
  /** How people here are, told to who asks. Read at the start. */
  presence: z
    .strictObject({
      /** False: SUBSCRIBE and PUBLISH are passed on to people's devices, which answer them. */
      served: z.boolean().optional(),
      /**
       * Of which other domains people may ask to see somebody here, who then decides; all that
       * reach this server, if left out.
       */
      outside: z.array(otherDomain).max(1000).optional(),
      /** What a busy lamp is told; "state" if left out. See LAMPS. */
      lamps: z.enum(LAMPS).optional(),
      /** Between two notifications of one subscription; as the RFC has it, if left out. */
      minGapSeconds: z.number().min(0).max(3600).optional(),
      /** Subscriptions that one watcher may have here; 50 if left out. Many lamps need more. */
      subscriptionsPerWatcher: z.number().int().min(1).max(100_000).optional(),
      /** Subscriptions in all; 100000 if left out. */
      subscriptions: z.number().int().min(1).max(10_000_000).optional(),
    })
    .optional(),
  /** How strangers are kept at bay; docs/configuration.md says what holds where nothing is said. */
  protection: z
    .strictObject({
      /** Own networks: never banned, always answered. This machine and `trust` are among them. */
      never: z.array(network).max(256).optional(),
      /** False: nobody is banned for what they do; a person still can. Read at the start. */
      bans: z.boolean().optional(),
      /** Wrong ones that are looked at. Read at the start. */
      passwords: z
        .strictObject({
          /** From one source for one account, in ten minutes; 10 if left out. */
          ofSourceForPerson: z.number().int().min(2).max(10_000).optional(),
          /** For one account from all sources where it never was, in an hour; 100 if left out. */
          forPerson: z.number().int().min(2).max(100_000).optional(),
          /** From one source, in an hour; 210 if left out. */
          ofSource: z.number().int().min(2).max(1_000_000).optional(),
        })
        .optional(),
      /** To one source over UDP, to which nobody has signed in; 100 if left out. At the start. */
      answersPerSecond: z.number().int().min(1).max(100_000).optional(),
    })
    .optional(),
  /** How this machine is reached. Read at the start. */
  addresses: z
    .strictObject({
      /**
       * From outside, where a NAT is in front of it that passes on its ports: an IP address, one of
       * each family at most.
       */
      public: z
        .array(address)
        .max(2)
        .refine((all) => new Set(all.map((one) => isIP(one))).size === all.length, {
          error: "one address of each family at most",
        })
        .optional(),
      /** A STUN server that says it, `stun.example:3478`, asked now and then. */
      stun: z
        .string()
        .refine((text) => readStunServer(text) !== undefined, {
          error: "a STUN server, such as stun.example:3478",
        })
        .optional(),
      /** Networks that reach it by its own addresses; all private ones if left out. */
      inside: z.array(network).max(64).optional(),
    })
    .optional(),
  /** Phones that sleep, and pages that are closed: how they are woken. Read at the start. */
  push: z
    .strictObject({
      /** False: nobody is woken. */
      on: z.boolean().optional(),
      /** How long a call waits for a phone to wake; 30 if left out. */
      holdSeconds: z.number().int().min(5).max(120).optional(),
      /** Whom a push service writes to when something is wrong: a mailto: or https: URI. */
      subject: z
        .string()
        .regex(/^(?:mailto:|https:\/\/)\S+$/, { error: "a mailto: or https: URI" })
        .optional(),
      /** Push services beside those of browsers: `push.example`, `push.example:8443`. */
      hosts: z.array(z.string().min(1).max(260)).max(64).optional(),
      /** PEM: who is believed of them, of Apple's and of Google's, instead of the usual ones. */
      ca: z.string().min(1).optional(),
      /** Apps on iPhones. */
      apns: z
        .strictObject({
          /** The .p8 file of a key. */
          key: z.string().min(1),
          keyId: z.string().min(1).max(40),
          teamId: z.string().min(1).max(40),
          /** Of apps: `com.example.phone`. */
          bundles: z.array(z.string().min(1).max(200)).min(1).max(64),
          /** https://api.push.apple.com if left out. */
          server: z.url({ protocol: /^https$/ }).optional(),
        })
        .optional(),
      /** Apps on Android. */
      fcm: z
        .strictObject({
          /** The JSON file of a service account. */
          account: z.string().min(1),
          /** https://fcm.googleapis.com if left out. */
          server: z.url({ protocol: /^https$/ }).optional(),
        })
        .optional(),
    })
    .optional(),
  /** The TURN server of the house, where there is one. Read at the start. */
  turn: z
    .strictObject({
      /** Peers that are not public and may be reached all the same: addresses, and networks. */
      peers: z.array(network).max(64).optional(),
      /** Where relays are reached from outside, if not where `addresses` says. */
      publicAddress: address.optional(),
      /** Ports of relayed addresses; 49152 to 50175 if left out. */
      relayPorts: z
        .strictObject({
          first: z.number().int().min(1024).max(65_535),
          last: z.number().int().min(1024).max(65_535),
        })
        .refine(({ first, last }) => first <= last, { error: "first not after last" })
        .optional(),
      /** Allocations of one person at a time; 20 if left out. */
      perPerson: z.number().int().min(1).max(10_000).optional(),
      /** Of one allocation, both ways together; 8000 if left out. */
      kilobitsPerSecond: z.number().min(64).max(1_000_000).optional(),
    })
    .optional(),
  /**
   * Echo, tone, clock and announcements, which whoever lives here may call. False: there are none.
   * Read at the start.
   */
  lines: z
    .union([
      z.literal(false),
      z.strictObject({
        /** What is dialled for each beside its name; *43, *44 and *60 if left out. */
        numbers: z
          .strictObject({
            ...{ echo: dialled.optional(), tone: dialled.optional() },
            ...{ clock: dialled.optional(), annc: dialled.optional() },
          })
          .optional(),
        /** A folder of announcements; `announcements` beside everything else if left out. */
        announcements: z.string().min(1).optional(),
        /** Calls at a time; 200 if left out. */
        calls: z.number().int().min(0).max(100_000).optional(),
        /** Of one account; 4 if left out. */
        callsEach: z.number().int().min(1).max(1000).optional(),
        /** What a call may last; 30 if left out. */
        minutes: z.number().min(1).max(1440).optional(),
      }),
    ])
    .optional(),
  /**
   * When there is more to do than can be done, new calls are turned away. False: never. Read at the
   * start.
   */
  overload: z
    .union([
      z.literal(false),
      z.strictObject({
        /** What waits for less is in time; 50 if left out. */
        targetMs: z.number().min(1).max(1000).optional(),
        /** REGISTERs let in each second all the same; 100 if left out. */
        registrationsPerSecond: z.number().min(0).max(100_000).optional(),
        /** When who was turned away may come again; from 5 to 15 if left out. */
        retryAfterSeconds: z
          .strictObject({
            least: z.number().int().min(0).max(3600),
            most: z.number().int().min(0).max(3600),
          })
          .refine(({ least, most }) => least <= most, { error: "least not more than most" })
          .optional(),
      }),
    ])
    .optional(),
  calls: z
    .strictObject({
      /** All devices of a person at once, or by the q that they registered with. */
      forking: z.enum(["parallel", "by-q"]).optional(),
      /** Asks on where a device, or a row of `redirects`, points; else the caller is told. */
      follow3xx: z.boolean().optional(),
      /**
       * One Record-Route where two addresses of this machine are reached over the same transport
       * and family, or two, so that each side sees the address that it came to.
       */
      recordRoute: z.enum(["double", "single"]).optional(),
      /** How long devices ring before those of the next q. */
      ringSeconds: z.number().min(5).max(120).optional(),
    })
    .optional(),
  /**
   * How much people here call, and which numbers; docs/configuration.md says what holds where
   * nothing is said. False: as they like.
   */
  dialling: dialling.optional(),
  /**
   * Domains that other servers look after: what is for them is passed on there without state. Of
   * several servers each call has one.
   */
  forward: z
    .array(
      z.strictObject({
        domain: partner,
        /** URIs with an address: `sip:10.0.0.7`, `sip:10.0.0.7:5061;transport=tls`. */
        to: z.array(server).min(1).max(64),
      }),
    )
    .max(1000)
    .optional(),
  /** Domains whose phones come here first, while another server is their registrar. RFC 5626. */
  edge: edge.optional(),
  /** Who asks for one of these is told to ask elsewhere. The first that fits counts. */
  redirects: z.array(redirect).max(10_000).optional(),
  /** Asked before `redirects`; undefined leaves a request to them and to its usual way. */
  route: z.custom<OperatorRoute>(isFunction, "a function").optional(),
});

export type Config = z.input<typeof schema>;
export type Redirect = NonNullable<Config["redirects"]>[number];

/** Gives an editor the types; changes nothing. */
export const defineConfig = (config: Config): Config => config;

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isNameServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, host = "", port = ""] = /^\[?([^[\]]+)\]?:(\d{1,5})$/.exec(text) ?? [];
  const family = isIP(host);
  return family !== 0 && text.startsWith("[") === (family === 6) && Number(port) <= 65_535;
}

function isLooseRoute(text: string): boolean {
  const read = parseSipUri(text);
  return read.ok && read.value.params.has("lr");
}

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}
