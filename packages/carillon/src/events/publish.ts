/** Telling the server about oneself: `publish(phone, presence, …)`. RFC 3903. */
import { targetOf } from "../ua/outside-request.ts";
import { partsOf } from "../ua/phone-parts.ts";
import type { EventPackage } from "./event-package.ts";
import { Publication } from "./publication.ts";

/** For how long, and what it takes the place of. */
export interface PublishOptions {
  /** For how long each time; an hour if left out. */
  readonly expiresSeconds?: number;
  /** Of an earlier publication, from before a restart: it is changed instead of doubled. */
  readonly etag?: string;
  /** About whom: oneself, if left out. */
  readonly target?: string;
}

/** A server that cannot take it is asked again soon, and then less and less often. */
const BACK_OFF = { baseMs: 2000, maxMs: 300_000 };

/**
 * Publishes a value of a package that can be written, and keeps it published until it is removed or
 * refused. Throws a TypeError for a package that cannot be written, and an Error for a phone that
 * has no server: it tells others itself, with `notify`.
 */
export function publish<T>(
  phone: object,
  pack: EventPackage<T>,
  value: T,
  options: PublishOptions = {},
): Publication<T> {
  const parts = partsOf(phone);
  const { agent } = parts;
  const { expiresSeconds = 3600, etag, target = agent.aor } = options;
  const [contentType] = pack.accept;
  const { write } = pack;
  if (!agent.hasServer) throw new Error("there is no server to keep it: see notify");
  if (!write || contentType === undefined) throw new TypeError(`${pack.event} is only read`);
  return new Publication(
    {
      ...{ agent, contentType, event: pack.event, target: targetOf(agent, target, "PUBLISH") },
      params: { expiresSeconds, backOff: BACK_OFF, etag },
    },
    (one) => write(one, 0),
    value,
    parts,
  );
}
