/**
 * Apple's push service: one request over HTTP/2 each, in the name of a team, by a token that its
 * key signs. https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
 */
import { createPrivateKey } from "node:crypto";
import { Http2Client } from "./http2-client.ts";
import { type Push, type PushDriver, type Sent, wayOf } from "./push-driver.ts";
import { signedToken } from "./signed-token.ts";

export interface ApnsOptions {
  /** The .p8 file's text: PEM of a P-256 key. */
  readonly key: string;
  /** Its id, ten letters and digits. */
  readonly keyId: string;
  readonly teamId: string;
  /** Apps that are served: `com.example.phone`. */
  readonly bundles: readonly string[];
  /** `https://api.push.apple.com`, or the sandbox. */
  readonly server: string;
  readonly ca?: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

/** A token counts for an hour, and may not be made anew more often than every 20 minutes. */
const TOKEN_MS = 40 * 60_000;
/** What a device's token is made of. */
const DEVICE = /^[0-9a-f]{8,200}$/i;

/** Throws on a key that is none. */
export function apnsDriver(options: ApnsOptions): PushDriver {
  const { keyId: kid, teamId, bundles, server, wall } = options;
  const key = createPrivateKey(options.key);
  const client = new Http2Client(server, options.ca);
  let token = "";
  let madeAt = Number.NEGATIVE_INFINITY;
  const tokenNow = (): string => {
    if (wall() - madeAt < TOKEN_MS) return token;
    madeAt = wall();
    token = signedToken(
      { alg: "ES256", kid },
      { iss: teamId, iat: Math.floor(madeAt / 1000) },
      key,
    );
    return token;
  };
  return {
    provider: "apns",
    accepts: ({ prid, param }) => {
      const app = readParam(param);
      return app?.team === teamId && bundles.includes(app.bundle) && DEVICE.test(prid);
    },
    async send(push): Promise<Sent> {
      const { push: address } = push.asked;
      const app = readParam(address.param);
      if (!app || !DEVICE.test(address.prid)) return { kind: "Refused", why: "no such app" };
      try {
        const headers = { ...headersOf(push, app, wall()), authorization: `bearer ${tokenNow()}` };
        const said = await client.post(headers, JSON.stringify(payloadOf(push, app)));
        // The next one has another token, whatever this one lacked.
        if (said.status === 403) madeAt = Number.NEGATIVE_INFINITY;
        return answered(said);
      } catch (error) {
        return { kind: "Later", why: `no way: ${String(error).slice(0, 200)}`, afterMs: 1000 };
      }
    },
    close: () => client.close(),
  };
}

interface App {
  readonly team: string;
  /** What apns-topic says: the bundle, with the service's name where that is `voip`. */
  readonly topic: string;
  readonly bundle: string;
  readonly isVoip: boolean;
}

//= RFC 8599 §10
//# NOTE: The Bundle ID might contain one or more periods (.). Hence, within the 'pn-param' value,
//# the first period will be separating the Team ID from the Topic, and within the Topic, the last
//# period will be separating the Bundle ID from the service.
function readParam(param: string | undefined): App | undefined {
  const read = /^([A-Z0-9]{1,20})\.([A-Za-z0-9.-]{1,200})\.([a-z-]{1,32})$/.exec(param ?? "");
  const [, team = "", bundle = "", service = ""] = read ?? [];
  if (!read) return undefined;
  const isVoip = service === "voip";
  return { team, bundle, isVoip, topic: isVoip ? `${bundle}.voip` : bundle };
}

function headersOf(push: Push, { topic, isVoip }: App, nowMs: number) {
  const { ttlSeconds, topic: collapse } = wayOf(push);
  const { kind } = push.note;
  const isSilent = !isVoip && kind === "refresh";
  return {
    ":path": `/3/device/${push.asked.push.prid}`,
    "apns-topic": topic,
    "apns-push-type": isVoip ? "voip" : isSilent ? "background" : "alert",
    // A call is now or never: 0 has it not kept for later.
    "apns-expiration": kind === "call" ? "0" : String(Math.floor(nowMs / 1000) + ttlSeconds),
    "apns-priority": isSilent ? "5" : "10",
    ...(collapse && !isVoip && { "apns-collapse-id": collapse }),
  };
}

function payloadOf({ note }: Push, { isVoip }: App): object {
  if (isVoip || note.kind === "refresh") return { aps: { "content-available": 1 }, carillon: note };
  const body = note.text ?? (note.kind === "message" ? "wrote to you" : "called");
  return { aps: { alert: { title: note.name ?? "", body }, sound: "default" }, carillon: note };
}

function answered({ status, body, retryAfter }: Awaited<ReturnType<Http2Client["post"]>>): Sent {
  if (status === 200) return { kind: "Sent" };
  const reason = /"reason"\s{0,4}:\s{0,4}"(\w{1,64})"/.exec(body)?.[1] ?? "";
  const why = `Apple said ${status} ${reason}`.trim();
  const isGone = status === 410 || reason === "BadDeviceToken" || reason === "Unregistered";
  if (isGone || reason === "DeviceTokenNotForTopic") return { kind: "Gone", why };
  if (status === 429 || status >= 500 || status === 403) {
    const seconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : 1;
    return { kind: "Later", why, afterMs: seconds * 1000 };
  }
  return { kind: "Refused", why };
}
