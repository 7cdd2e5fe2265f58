/** Answers an endpoint's questions with `node:dns`: NAPTR, SRV, A and AAAA. */
import { Resolver } from "node:dns/promises";
import type { Answer, DnsRecord, Question } from "../locate/naming.ts";

/** Asks the DNS: `Question` and `Answer` are those of `carillon/locate`. Never rejects. */
export type Resolve = (question: Question) => Promise<Answer>;

/** Whom to ask. */
export interface DnsOptions {
  /** `192.0.2.53` or `192.0.2.53:5353`; the system's own if left out. */
  readonly servers?: readonly string[];
}

/** How long one server is waited for; the endpoint gives a question up at the same time. */
const TIMEOUT_MS = 2_000;
/** `node:dns` tells the time to live of addresses only. Of anything else a minute is believed. */
const UNKNOWN_TTL_SECONDS = 60;

/**
 * A resolver over c-ares, which follows aliases by itself and does not read the hosts file. Waits 2
 * s for a server. Throws on a server that is no address.
 */
export function dns({ servers }: DnsOptions = {}): Resolve {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  if (servers) resolver.setServers(servers);
  return async (question) => {
    try {
      return await found(resolver, question);
    } catch (cause) {
      return failure((cause as { code?: unknown }).code);
    }
  };
}

async function found(resolver: Resolver, { name, type }: Question): Promise<Answer> {
  switch (type) {
    case "A":
    case "AAAA": {
      const all =
        type === "A"
          ? await resolver.resolve4(name, { ttl: true })
          : await resolver.resolve6(name, { ttl: true });
      const ttlSeconds = Math.min(...all.map(({ ttl }) => ttl));
      const records = all.map(({ address }): DnsRecord => ({ type, address }));
      return { kind: "Found", records, ttlSeconds };
    }
    case "SRV": {
      const all = await resolver.resolveSrv(name);
      return foundUntimed(
        all.map(({ name: target, priority, weight, port }): DnsRecord => {
          return { type, priority, weight, port, target };
        }),
      );
    }
    case "NAPTR": {
      const all = await resolver.resolveNaptr(name);
      // Its records have a `type` of their own, which is undefined.
      return foundUntimed(all.map((record): DnsRecord => ({ ...record, type })));
    }
  }
}

const foundUntimed = (records: readonly DnsRecord[]): Answer => ({
  kind: "Found",
  records,
  ttlSeconds: UNKNOWN_TTL_SECONDS,
});

function failure(code: unknown): Answer {
  const ttlSeconds = UNKNOWN_TTL_SECONDS;
  if (code === "ENOTFOUND") return { kind: "None", why: "NXDOMAIN", ttlSeconds };
  if (code === "ENODATA") return { kind: "None", why: "NODATA", ttlSeconds };
  return { kind: "Failed", why: code === "ETIMEOUT" ? "timeout" : "SERVFAIL" };
}
