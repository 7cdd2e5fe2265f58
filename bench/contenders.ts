/** Each library doing the same work: see messages.ts. What comes out is checked before it counts. */
import { createRequire } from "node:module";
import { invite } from "./invite.ts";
import { carillonForward, carillonRead } from "./carillon.ts";

export interface Contender {
  readonly name: string;
  read(): Found;
  forward?(): number;
}

/** What a proxy needs to know of a request. */
export interface Found {
  readonly method: string;
  readonly user: string;
  readonly host: string;
  readonly sentBy: string;
  readonly branch: string;
  readonly fromUri: string;
  readonly fromTag: string;
  readonly toUri: string;
  readonly callId: string;
  readonly cseq: number;
  readonly cseqMethod: string;
  readonly hops: number;
  readonly routeHost: string;
  readonly length: number;
}

const require = createRequire(import.meta.url);
const silent = { warn() {}, error() {}, log() {}, debug() {} };
const bytes = Buffer.from(invite, "latin1");

/** Where what is forwarded is written to. */
const out = Buffer.alloc(65_536);
