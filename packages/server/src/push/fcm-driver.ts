/**
 * Firebase Cloud Messaging, HTTP v1: a service account signs a token, gets another one for it by
 * OAuth 2 (RFC 7523), and sends with that.
 * https://firebase.google.com/docs/cloud-messaging/send/v1-api
 */
import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { Http2Client } from "./http2-client.ts";
import { type Push, type PushDriver, type Sent, wayOf } from "./push-driver.ts";
import { signedToken } from "./signed-token.ts";

/** What of a service account's JSON file is needed. */
export const serviceAccount = z.object({
  project_id: z.string().min(1).max(200),
  client_email: z.string().min(3).max(320),
  private_key: z.string().min(100),
  private_key_id: z.string().max(200).optional(),
  token_uri: z.url().optional(),
});

export interface FcmOptions {
  readonly account: z.infer<typeof serviceAccount>;
  /** `https://fcm.googleapis.com` */
  readonly server: string;
  readonly ca?: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_URI = "https://oauth2.googleapis.com/token";
/** It is renewed so long before its end. */
const SPARE_MS = 120_000;
const DEVICE = /^[\w:.~%+/=-]{8,512}$/;
const granted = z.object({ access_token: z.string().min(1), expires_in: z.number().min(1) });

/** Throws on a key that is none. */
export function fcmDriver({ account, server, ca, wall }: FcmOptions): PushDriver {
  const key = createPrivateKey(account.private_key);
  const tokenUri = new URL(account.token_uri ?? TOKEN_URI);
  const client = new Http2Client(server, ca);
  const tokens = new Http2Client(tokenUri.origin, ca);
  let token = { text: "", endsAt: Number.NEGATIVE_INFINITY };
  let renewing: Promise<string> | undefined;

  const renew = async (): Promise<string> => {
    const iat = Math.floor(wall() / 1000);
    const claims = { iss: account.client_email, scope: SCOPE, aud: tokenUri.href };
    const { private_key_id: kid } = account;
    const header = { alg: "RS256", ...(kid !== undefined && { kid }) } as const;
    const assertion = signedToken(header, { ...claims, iat, exp: iat + 3600 }, key);
    const body = new URLSearchParams({ grant_type: GRANT, assertion }).toString();
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const said = await tokens.post({ ":path": tokenUri.pathname, ...type }, body);
    if (said.status !== 200) throw new Error(`no token: ${said.status}`);
    const read = granted.parse(JSON.parse(said.body));
    token = { text: read.access_token, endsAt: wall() + read.expires_in * 1000 };
    return token.text;
  };
  const tokenNow = (): Promise<string> => {
    if (wall() < token.endsAt - SPARE_MS) return Promise.resolve(token.text);
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  return {
    provider: "fcm",
    //= RFC 8599 §11
    //# The value of the 'pn-param' URI parameter is the Project ID.
    accepts: ({ prid, param }) => param === account.project_id && DEVICE.test(prid),
    async send(push): Promise<Sent> {
      try {
        const headers = {
          ":path": `/v1/projects/${encodeURIComponent(account.project_id)}/messages:send`,
          authorization: `Bearer ${await tokenNow()}`,
          "content-type": "application/json",
        };
        const said = await client.post(headers, JSON.stringify({ message: messageOf(push) }));
        if (said.status === 401) token = { text: "", endsAt: Number.NEGATIVE_INFINITY };
        return answered(said);
      } catch (error) {
        return { kind: "Later", why: `no way: ${String(error).slice(0, 200)}`, afterMs: 1000 };
      }
    },
    close() {
      client.close();
      tokens.close();
    },
  };
}

/** Data alone: the app decides what it shows. All values are texts, as FCM has it. */
function messageOf(push: Push): object {
  const { ttlSeconds, isUrgent, topic } = wayOf(push);
  const data = Object.fromEntries(
    Object.entries(push.note).map(([name, value]) => [
      name === "from" ? "sender" : name,
      `${value}`,
    ]),
  );
  return {
    token: push.asked.push.prid,
    data,
    android: {
      priority: isUrgent ? "HIGH" : "NORMAL",
      ttl: `${ttlSeconds}s`,
      ...(topic && { collapse_key: topic }),
    },
  };
}

function answered({ status, body, retryAfter }: Awaited<ReturnType<Http2Client["post"]>>): Sent {
  if (status === 200) return { kind: "Sent" };
  const code = /"(?:errorCode|status)"\s{0,4}:\s{0,4}"(\w{1,64})"/.exec(body)?.[1] ?? "";
  const why = `FCM said ${status} ${code}`.trim();
  if (status === 404 || body.includes('"UNREGISTERED"')) return { kind: "Gone", why };
  if (status === 401 || status === 429 || status >= 500) {
    const seconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : 1;
    return { kind: "Later", why, afterMs: seconds * 1000 };
  }
  return { kind: "Refused", why };
}
