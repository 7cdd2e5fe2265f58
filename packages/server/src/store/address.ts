/**
 * The address of a person as contact lists and rules have it: one spelling for all that are the
 * same. `anna`, `Anna@House.example` and `sip:anna@house.example;transport=tcp` are one.
 */
import { escapeUser, formatSipUri, parseSipUri, unescapeUri } from "carillon/uri";
import { done, type Outcome, refused } from "../refusal.ts";
import { PRESENCE_LIMITS } from "./presence-limits.ts";

/** Of what somebody typed, or a peer said; without a domain it is one here. */
export function readAddress(typed: string, domain: string): Outcome<string> {
  const text = typed.trim();
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const wrong = refused("ADDRESS_INVALID", { message: `“${shown}” is no SIP address.` });
  if (text === "" || text.length > PRESENCE_LIMITS.address) return wrong;
  const isUri = /^sips?:/i.test(text);
  // A URI of another kind.
  if (!isUri && text.split("@", 1)[0]?.includes(":")) return wrong;
  const whole = isUri ? text : `sip:${text.includes("@") ? text : `${text}@${domain}`}`;
  const uri = parseSipUri(whole);
  if (!uri.ok || uri.value.user === undefined || uri.value.user === "") return wrong;
  const { host, port } = uri.value;
  // The names of people here have no capital letters; whoever types one means them.
  const user = host === domain ? uri.value.user.toLowerCase() : uri.value.user;
  return done(
    formatSipUri({
      ...{ scheme: "sip", user: escapeUser(unescapeUri(user)), password: undefined },
      ...{ host, port, params: new Map(), headers: undefined },
    }),
  );
}

/** The part of such an address behind the @, without a port. */
export function domainOf(address: string): string {
  const uri = parseSipUri(address);
  return uri.ok ? uri.value.host : "";
}
