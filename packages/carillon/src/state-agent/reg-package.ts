/** Which devices somebody has registered, as a package of a server. RFC 3680. */
import {
  type ContactState,
  formatReginfo,
  REGINFO_TYPE,
  type RegistrationState,
} from "../documents/reginfo.ts";
import { toText } from "../grammar/octets.ts";
import { publicGruu } from "../roles/gruu.ts";
import type { Binding } from "../roles/location.ts";
import type { ServiceHost } from "../roles/services.ts";
import { withoutPush } from "../roles/wake-address.ts";
import type { Devices } from "./devices.ts";
import { NOT_TOLD, plainStanding } from "./handling.ts";
import type { Listeners } from "./listeners.ts";
import type { Rules } from "./rules.ts";
import type { Asked, ServedPackage, Source } from "./source.ts";

export interface RegPackageParts {
  readonly host: ServiceHost;
  readonly devices: Devices;
  /** Tells when an account's devices have changed. */
  readonly listeners: Listeners;
  readonly rules: Rules;
  readonly addressOf: (account: string) => string;
}

export const regPackage = (parts: RegPackageParts): ServedPackage => ({
  ...{ event: "reg", accept: [REGINFO_TYPE] },
  expiresSeconds: 3761,
  //= RFC 3680 §4.10
  //# As a result, it is RECOMMENDED that the server not generate notifications for a single
  //# subscriber at a rate faster than once every 5 seconds.
  minGapMs: 5000,
  open: (asked, changed) =>
    plainStanding(parts.rules, asked) === "Allowed" ? open(parts, asked, changed) : NOT_TOLD,
});

function open(parts: RegPackageParts, asked: Asked, changed: () => void): Source {
  const { resource } = asked;
  const devices = parts.devices;
  const told = new Map<string, ContactState>();
  let wasActive = false;
  parts.listeners.add(resource, changed);
  devices.watch(resource);
  return {
    body: (version, isWhole) => {
      const contacts = contactsNow(parts, resource, told, isWhole);
      wasActive ||= told.size > 0;
      if (contacts.length === 0 && !isWhole) return undefined;
      const registration: RegistrationState = {
        ...{ id: "a", aor: parts.addressOf(resource), contacts },
        state: told.size > 0 ? "active" : wasActive ? "terminated" : "init",
      };
      const state = isWhole ? "full" : "partial";
      const body = formatReginfo({ version, state, registrations: [registration] });
      return { contentType: REGINFO_TYPE, body };
    },
    standing: () => (plainStanding(parts.rules, asked) === "Allowed" ? "Allowed" : "Refused"),
    closed: () => {
      parts.listeners.remove(resource, changed);
      devices.unwatch(resource);
    },
  };
}

/** Contacts that have changed since they were told, or all; `told` is what they are then. */
function contactsNow(
  parts: RegPackageParts,
  account: string,
  told: Map<string, ContactState>,
  isWhole: boolean,
): readonly ContactState[] {
  const { endpoint } = parts.host;
  const said: ContactState[] = [];
  const left = new Map(told);
  for (const binding of parts.devices.of(account)) {
    const id = endpoint.ids.macOf(["contact", account, binding.contact]);
    const before = left.get(id);
    left.delete(id);
    const now = contactOf(parts.addressOf(account), id, binding, endpoint.now, before);
    if (isWhole || !before || now.event !== before.event || isMoved(now, before)) said.push(now);
    told.set(id, now);
  }
  for (const [id, { expiresSeconds: _, ...one }] of left) {
    told.delete(id);
    said.push({ ...one, state: "terminated", event: "unregistered" });
  }
  return said;
}

const isMoved = (now: ContactState, before: ContactState): boolean =>
  (now.expiresSeconds ?? 0) > (before.expiresSeconds ?? 0);

//= RFC 5627 §5.5
//# If a registrar is supporting RFC 3680 [24] and GRUU, it MUST also support RFC 5628 [28].
// Of temporary ones nothing is told: each is made for one answer to a REGISTER, and not kept.
function contactOf(
  aor: string,
  id: string,
  { contact, instance, expiresAt, q }: Binding,
  now: number,
  before: ContactState | undefined,
): ContactState {
  const expiresSeconds = Math.max(0, Math.round((expiresAt - now) / 1000));
  const isFresh = before !== undefined && expiresSeconds > (before.expiresSeconds ?? 0);
  const event = before === undefined ? "registered" : isFresh ? "refreshed" : before.event;
  return {
    id,
    uri: toText(withoutPush(contact)),
    state: "active",
    event,
    expiresSeconds,
    q: q / 1000,
    pubGruu: instance === undefined ? undefined : publicGruu(aor, instance),
  };
}
