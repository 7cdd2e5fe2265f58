/** What a start prints: where to go, and the invite with which the first people join. */
import type { Settings } from "../settings.ts";
import type { Store } from "../store/store.ts";
import { welcome } from "../welcome.ts";
import { bracketed, lanOf, nameHere } from "./own-urls.ts";
import type { ServedPorts } from "./served-ports.ts";

/** The invite that a start prints: for the owner, their second tab, the family. */
const INVITE_USES = 20;
const INVITE_VALID_SECONDS = 24 * 3600;

export interface GreetingOptions {
  readonly ports: Pick<ServedPorts, "port" | "httpsPort" | "sipPort" | "tlsPort">;
  /** The certificate is our own: nobody vouches for it. */
  readonly isOwn: boolean;
  /** The terminal understands colours. */
  readonly colour: boolean;
}

export function greeting(
  { host, plainHttp }: Settings,
  { house, accounts, invites }: Store,
  { ports: { port, httpsPort, ...sip }, isOwn, colour }: GreetingOptions,
): Promise<string> {
  const isPlain = plainHttp === "on";
  const from = isPlain ? { scheme: "http", at: port } : { scheme: "https", at: httpsPort };
  const url = (name: string) => `${from.scheme}://${bracketed(name)}:${from.at}`;
  const lan = lanOf(host);
  const validSeconds = INVITE_VALID_SECONDS;
  // Somebody vouches for a certificate by its name; one of our own is as good by the address.
  const secureHost = isOwn ? lan : house.domain;
  return welcome({
    address: url(nameHere(host)),
    lanAddress: lan === undefined || !isPlain ? undefined : url(lan),
    domain: house.domain,
    secureAddress:
      httpsPort === undefined || secureHost === undefined
        ? undefined
        : `https://${secureHost}:${httpsPort}`,
    isVouchedFor: !isOwn,
    ...sip,
    invite: invites.make({ madeBy: null, uses: INVITE_USES, validMs: validSeconds * 1000 }),
    validSeconds,
    firstPerson: !accounts.hasOwner(),
    colour,
  });
}
