/** What `carillon status` says of the certificate. */
import type { KeeperStatus } from "./acme-keeper.ts";
import type { LiveCredentials, Origin } from "./live-credentials.ts";
import { day, factsOf } from "./shown-certificate.ts";

export interface CertificateStatus {
  readonly origin: Origin;
  /** Who vouches for it. */
  readonly issuer: string;
  /** Whether it speaks for the house's domain. */
  readonly namesDomain: boolean;
  /** `2026-11-29T02:00:00.000Z`, and so on below. */
  readonly validUntil: string;
  /** When the authority is asked for the next one; absent where nobody is. */
  readonly renewedAt?: string;
  /** Why there is none from the authority, or none newer. */
  readonly trouble?: { readonly what: string; readonly cure: string; readonly againAt: string };
}

export function certificateStatus(
  { cert, origin }: Pick<LiveCredentials, "cert" | "origin">,
  domain: string,
  keeper: KeeperStatus | undefined,
): CertificateStatus {
  const { issuer, validTo, names } = factsOf(cert);
  const { trouble, renewedAt } = keeper ?? {};
  return {
    ...{ origin, issuer, namesDomain: names(domain), validUntil: iso(validTo) },
    ...(trouble === undefined && renewedAt !== undefined && { renewedAt: iso(renewedAt) }),
    ...(trouble && {
      trouble: { what: trouble.what, cure: trouble.cure, againAt: iso(trouble.againAt) },
    }),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A line, and two more where there is trouble. `now` in ms since 1970. */
export function certificateInWords(status: CertificateStatus, now: number): readonly string[] {
  const { origin, issuer, namesDomain, validUntil, renewedAt, trouble } = status;
  const end = Date.parse(validUntil);
  const until = end > now ? `until ${day(end)}` : `expired ${day(end)}: whoever looks refuses it`;
  const from = {
    own: "made here, nobody vouches for it",
    files: `of ${issuer}`,
    acme: `of ${issuer}`,
  };
  const next = renewedAt === undefined ? "" : `, renewed ${day(Date.parse(renewedAt))} by itself`;
  const wrong = namesDomain ? "" : "; it does not speak for this domain";
  const line = `${from[origin]}, ${until}${next}${wrong}`;
  if (!trouble) return [line];
  const again = `tried again ${trouble.againAt.slice(0, 16).replace("T", " ")} UTC`;
  return [line, `no other one from the authority: ${trouble.what}; ${again}`, trouble.cure];
}
