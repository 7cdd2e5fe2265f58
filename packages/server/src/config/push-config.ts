/** What an operator decides about pushes, with what holds where nothing is said. */
import { dirname, resolve } from "node:path";
import type { Config } from "./config.ts";

export interface PushConfig {
  readonly isOn: boolean;
  readonly holdMs: number;
  /** Undefined: the postmaster of the domain. */
  readonly subject: string | undefined;
  readonly hosts: readonly string[];
  /** Files, in full. */
  readonly ca: string | undefined;
  readonly apns:
    | {
        readonly key: string;
        readonly keyId: string;
        readonly teamId: string;
        readonly bundles: readonly string[];
        readonly server: string;
      }
    | undefined;
  readonly fcm: { readonly account: string; readonly server: string } | undefined;
}

const APPLE = "https://api.push.apple.com";
const GOOGLE = "https://fcm.googleapis.com";
const HOLD_SECONDS = 30;

export function pushOf({ push = {} }: Pick<Config, "push">, path: string | undefined): PushConfig {
  const folder = path === undefined ? "." : dirname(path);
  const { on = true, holdSeconds = HOLD_SECONDS, subject, hosts = [], ca, apns, fcm } = push;
  return {
    ...{ isOn: on, holdMs: holdSeconds * 1000, subject, hosts },
    ca: ca === undefined ? undefined : resolve(folder, ca),
    apns: apns && { ...apns, server: apns.server ?? APPLE, key: resolve(folder, apns.key) },
    fcm: fcm && { server: fcm.server ?? GOOGLE, account: resolve(folder, fcm.account) },
  };
}
