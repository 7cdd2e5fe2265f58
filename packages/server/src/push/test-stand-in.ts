/**
 * A push service of one's own, for trials where no real one is in reach: a server over TLS that
 * takes web pushes (RFC 8030), holds their sender to its key (RFC 8292), and decrypts what they say
 * as a browser does (RFC 8291, RFC 8188). Written from the RFCs, with nothing of what sends in it.
 */
import {
  createDecipheriv,
  createECDH,
  createHmac,
  createPublicKey,
  randomBytes,
  verify,
} from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

/** What a browser gives a page that subscribes. */
export interface StandInSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** One push, as it came. */
export interface ReceivedPush {
  readonly endpoint: string;
  readonly ttlSeconds: number;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  /** Whom a push service could write to: `sub` of the token. */
  readonly subject: string;
  /** What it says, decrypted; empty where it has no content. */
  readonly text: string;
}

export interface StandInOptions {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly host?: string;
  readonly port?: number;
  readonly received?: (push: ReceivedPush) => void;
  /** What to answer instead, once it was taken for good: 410, 429, … */
  readonly answer?: () => { readonly status: number; readonly retryAfter?: string } | undefined;
}

export interface StandIn {
  readonly origin: string;
  readonly pushes: readonly ReceivedPush[];
  /** Why pushes were refused, in words. */
  readonly refused: readonly string[];
  /** As if a browser had subscribed for this key of an application's server. */
  subscribe(applicationServerKey: string): StandInSubscription;
  close(): Promise<void>;
}

interface Subscriber {
  readonly applicationServerKey: string;
  readonly ecdh: ReturnType<typeof createECDH>;
  readonly auth: Buffer;
}

const MAX_BODY = 4096;
const DAY_SECONDS = 24 * 3600;

export async function standIn(options: StandInOptions): Promise<StandIn> {
  const { cert, key, host = "localhost", port = 0 } = options;
  const subscribers = new Map<string, Subscriber>();
  const pushes: ReceivedPush[] = [];
  const refused: string[] = [];
  const server: Server = createServer({ cert, key }, (request, response) => {
    void bodyOf(request).then((body) => {
      try {
        const { url = "", headers } = request;
        const subscriber = subscribers.get(url);
        if (!subscriber) return void response.writeHead(404).end();
        const push = read(`${origin}${url}`, origin, subscriber, headers, body);
        pushes.push(push);
        const answer = options.answer?.();
        const after = answer?.retryAfter;
        // RFC 8030 §5: A 201 (Created) response indicates that the push message was accepted.
        response.writeHead(answer?.status ?? 201, {
          location: `${origin}/message/${pushes.length}`,
          ...(after !== undefined && { "retry-after": after }),
        });
        response.end();
        if (!answer) options.received?.(push);
      } catch (error) {
        refused.push(error instanceof Error ? error.message : String(error));
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const origin = `https://${host}:${(server.address() as AddressInfo).port}`;
  return {
    ...{ origin, pushes, refused },
    subscribe(applicationServerKey) {
      const path = `/wake/${randomBytes(24).toString("base64url")}`;
      const ecdh = createECDH("prime256v1");
      const p256dh = ecdh.generateKeys().toString("base64url");
      const auth = randomBytes(16);
      subscribers.set(path, { applicationServerKey, ecdh, auth });
      return { endpoint: `${origin}${path}`, keys: { p256dh, auth: auth.toString("base64url") } };
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

type Headers = IncomingMessage["headers"];

/** Throws in words what is wrong with a push. */
function read(
  endpoint: string,
  origin: string,
  subscriber: Subscriber,
  headers: Headers,
  body: Buffer,
): ReceivedPush {
  const subject = checkToken(headers.authorization ?? "", origin, subscriber);
  const ttl = headers["ttl"];
  // RFC 8030 §5.2: An application server MUST include the TTL (Time-To-Live) header field in its
  // request for push
  // message delivery.
  if (typeof ttl !== "string" || !/^\d+$/.test(ttl)) throw new Error("a push without a TTL");
  // RFC 8599 §12: Web push permits the sending of a push message without a payload without
  // encryption.
  const isEmpty = body.length === 0 && headers["content-encoding"] === undefined;
  if (!isEmpty && headers["content-encoding"] !== "aes128gcm") throw new Error("no aes128gcm");
  // RFC 8030 §7.2: A push service MAY limit the size of requests for push message delivery: it
  // MUST NOT return a
  // 413 (Payload Too Large) status code in response to an entity body that is 4096 bytes or less
  if (body.length > MAX_BODY) throw new Error("larger than 4096 octets");
  const text = isEmpty ? "" : decrypted(body, subscriber).toString("utf8");
  const [urgency, topic] = [headers["urgency"], headers["topic"]].map((one) => one?.toString());
  if (topic !== undefined && !/^[\w-]{1,32}$/.test(topic)) throw new Error("no such topic");
  return { endpoint, ttlSeconds: Number(ttl), urgency, topic, subject, text };
}

// RFC 8292 §2: A push service MUST reject a JWT that is not valid
/** The token of RFC 8292 §2 and §3; returns whom it says to write to. */
function checkToken(value: string, origin: string, { applicationServerKey }: Subscriber): string {
  const token = /[ ,]t=([\w.-]+)/.exec(value)?.[1] ?? "";
  const key = /[ ,]k=([\w-]+)/.exec(value)?.[1] ?? "";
  if (!value.startsWith("vapid ")) throw new Error("no vapid credentials");
  // RFC 8292 §4.2: When a push message subscription has been restricted to an application server,
  // the request for
  // push message delivery MUST include a JWT signed by the private key that corresponds to the
  // public key used when creating the subscription.
  if (key !== applicationServerKey) throw new Error("another key than the subscription's");
  const [header = "", claims = "", signature = ""] = token.split(".");
  const { alg } = JSON.parse(Buffer.from(header, "base64url").toString());
  if (alg !== "ES256") throw new Error(`signed by ${alg}`);
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((one) =>
    one.toString("base64url"),
  );
  const jwk = { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  const signed = Buffer.from(`${header}.${claims}`);
  const how = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  if (!verify("sha256", signed, how, Buffer.from(signature, "base64url"))) {
    throw new Error("the signature is not the key's");
  }
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, "base64url").toString());
  if (aud !== origin) throw new Error(`it is meant for ${aud}`);
  const leftSeconds = Number(exp) - Date.now() / 1000;
  if (!(leftSeconds > 0 && leftSeconds <= DAY_SECONDS)) throw new Error("its time is over");
  return String(sub);
}

/** RFC 8188 §2, with the keys of RFC 8291 §3.4. One record, as RFC 8291 §4 has it. */
function decrypted(body: Buffer, { ecdh, auth }: Subscriber): Buffer {
  const salt = body.subarray(0, 16);
  const keyLength = body[20] ?? 0;
  const sender = body.subarray(21, 21 + keyLength);
  const sealed = body.subarray(21 + keyLength);
  const shared = ecdh.computeSecret(sender);
  const about = Buffer.concat([Buffer.from("WebPush: info\0"), ecdh.getPublicKey(), sender]);
  const secret = hkdf(auth, shared, about, 32);
  const key = hkdf(salt, secret, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = hkdf(salt, secret, Buffer.from("Content-Encoding: nonce\0"), 12);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  if (end < 0) throw new Error("the last record does not say that it is the last");
  return padded.subarray(0, end);
}

/** RFC 5869, for at most one block. */
function hkdf(salt: Buffer, secret: Buffer, info: Buffer, octets: number): Buffer {
  const pseudoRandom = createHmac("sha256", salt).update(secret).digest();
  const block = createHmac("sha256", pseudoRandom)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
  return block.subarray(0, octets);
}
