/**
 * An authority as `acme-client` speaks with it. What is one for the whole program there (the HTTP
 * client with its patience, and whom it believes) is set here.
 */
import { Agent } from "node:https";
import { getCACertificates } from "node:tls";
import type { Client } from "acme-client";
import { kindOf, type Problem, troubleSaid } from "./acme-trouble.ts";

export interface AuthorityOptions {
  /** The URL of its directory. */
  readonly directory: string;
  /** PEM of whoever vouches for the authority's own HTTPS beside the usual ones. */
  readonly ca?: string | undefined;
  /** How it knows us already: an external account binding. RFC 8555 §7.3.4. */
  readonly account?: { readonly kid: string; readonly hmacKey: string } | undefined;
}

export type Acme = typeof import("acme-client");

const TIMEOUT_MS = 30_000;
let loaded: Promise<Acme> | undefined;

/** Loads `acme-client`: a house without an authority does without. */
export function acme(): Promise<Acme> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Acme> {
  // Its parts find each other by this.
  await import("reflect-metadata");
  const loaded = await import("acme-client");
  const { axios } = loaded;
  axios.defaults.timeout = TIMEOUT_MS;
  // When it is tried again is our matter: `carillon status` tells, and it ends with the server.
  Object.assign(axios.defaults, {
    acmeSettings: { ...settingsOf(axios.defaults), retryMaxAttempts: 0 },
  });
  axios.interceptors.response.use((response) => {
    const problem = response.data as Problem | undefined;
    const kind = kindOf(String(problem?.type ?? ""));
    // A nonce that is too old is tried anew by acme-client itself.
    if (response.status < 400 || kind === undefined || kind === "badNonce") return response;
    throw troubleSaid(problem ?? {});
  });
  return loaded;
}

const settingsOf = (defaults: object): object =>
  (defaults as { acmeSettings?: object }).acmeSettings ?? {};

/** `accountKey` in PEM. */
export async function clientOf(options: AuthorityOptions, accountKey: string): Promise<Client> {
  const { Client, axios } = await acme();
  const { directory: directoryUrl, ca, account } = options;
  axios.defaults.httpsAgent = new Agent(ca ? { ca: [...getCACertificates("default"), ca] } : {});
  return new Client({
    ...{ directoryUrl, accountKey },
    ...(account && { externalAccountBinding: account }),
  });
}
