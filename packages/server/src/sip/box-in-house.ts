/**
 * The file box as one that lives here: `sip:files@house` leads to its contact, which no REGISTER
 * can change. Only calls go there.
 */
import {
  type Accounts,
  type Binding,
  type DomainOptions,
  GONE,
  type Service,
} from "carillon/roles";
import { BOX_NAME, type FileBox } from "../msrp/file-box.ts";

/** Everybody who lives here, and the box. */
export function accountsWithBox(accounts: Accounts, box: FileBox | undefined): Accounts {
  if (!box) return accounts;
  return {
    has: (user) => user === BOX_NAME || accounts.has(user),
    devices: (username) => accounts.devices(username),
    session: (id) => accounts.session(id),
    get hasDeskPhones() {
      return accounts.hasDeskPhones === true;
    },
  };
}

type Place = DomainOptions["location"];

/** Where they are reached, and the box. */
export function locationWithBox(location: Place, box: FileBox | undefined): Place {
  if (!box) return location;
  const { contact, address: remote } = box;
  const binding: Binding = {
    ...{ contact, q: 1000, callId: "box", cseq: 1, expiresAt: Number.POSITIVE_INFINITY },
    flow: { transport: "TCP", local: { host: "127.0.0.1", port: 0 }, remote, connection: GONE },
  };
  return {
    bindings: (user, now) => (user === BOX_NAME ? [binding] : location.bindings(user, now)),
    replace: (user, bindings) => location.replace(user, bindings),
    drop: (connection) => location.drop(connection),
    asleep: (hear) => location.asleep?.(hear),
    expire: (now) => location.expire?.(now) ?? Number.POSITIVE_INFINITY,
    online: (user, now) => user === BOX_NAME || location.online(user, now),
  };
}

/** Answers what is for the box and no call: nothing is kept for it, and nobody watches it. */
export function boxService(): Service {
  let explain: Parameters<Service["attach"]>[0]["words"]["explain"] | undefined;
  return {
    attach: ({ words }) => {
      explain = (...what) => words.explain(...what);
    },
    take: ({ from, user }) => {
      const { method } = from.request;
      if (user !== BOX_NAME || method === "INVITE" || method === "OPTIONS") return false;
      explain?.(from, 405, "the file box takes files and nothing else");
      return true;
    },
  };
}
