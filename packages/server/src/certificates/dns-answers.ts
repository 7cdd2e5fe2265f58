/** Challenges answered in the DNS, by functions of the operator. RFC 8555 §8.4. */
import type { Answerer } from "./acme-order.ts";

export interface DnsHooks {
  /** Puts a TXT record there, and comes back when the domain's servers have it. */
  set(record: TxtRecord): Promise<void> | void;
  /** Takes it away again. */
  remove(record: TxtRecord): Promise<void> | void;
}

export interface TxtRecord {
  /** `_acme-challenge.house.example` */
  readonly name: string;
  readonly value: string;
}

export function dnsAnswers(hooks: DnsHooks): Answerer {
  const record = ({ name, value }: TxtRecord) => ({ name: `_acme-challenge.${name}`, value });
  return {
    type: "dns-01",
    answer: async (challenge) => hooks.set(record(challenge)),
    takeBack: async (challenge) => hooks.remove(record(challenge)),
  };
}
