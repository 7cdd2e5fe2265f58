/** Who may use this domain: what the roles ask of a program's accounts. */
import type { HashAlgorithm } from "../auth/crypto.ts";

/** Something that registers with a password of its own. */
export interface Device {
  /** Names the device for good: bindings carry it as `credential`. */
  readonly id: string;
  /** The account's name, which is the user part of its address. */
  readonly account: string;
  /** MD5 is accepted from a device marked so, and from no other. */
  readonly deskPhone: boolean;
  /** HA1 for each algorithm, lower-case hexadecimal. RFC 7616 §3.4.2. */
  readonly ha1: Readonly<Partial<Record<HashAlgorithm, string>>>;
}

/** Asked for every request, so answers come from memory. */
export interface Accounts {
  /** Whether there is an account of this name. */
  has(user: string): boolean;
  /** The devices that sign in with this user name. */
  devices(username: string): readonly Device[];
  /** Whether a page session, named by a token, is still valid. */
  session(id: string): boolean;
  /** Whether any desk phone exists, and MD5 has to be offered. */
  readonly hasDeskPhones?: boolean;
}
