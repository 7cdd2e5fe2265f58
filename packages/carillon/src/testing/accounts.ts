/** Accounts for tests: names with passwords, every one a desk phone. */
import type { Crypto, HashAlgorithm } from "../auth/crypto.ts";
import { ha1 } from "../auth/digest.ts";
import type { Accounts, Device } from "../roles/accounts.ts";

const ALGORITHMS: readonly HashAlgorithm[] = ["MD5", "SHA-256", "SHA-512-256"];

/**
 * Accounts by name and password, each with one device of its own name. `realm` has to be that of
 * the domain.
 */
export function testAccounts(
  crypto: Crypto,
  realm: string,
  passwords: Readonly<Record<string, string>>,
): Accounts {
  const devices = new Map(
    Object.entries(passwords).map(([account, password]): [string, Device] => {
      const hashes = ALGORITHMS.map((one) => [one, ha1(crypto, one, account, realm, password)]);
      return [account, { id: account, account, deskPhone: true, ha1: Object.fromEntries(hashes) }];
    }),
  );
  return {
    has: (user) => devices.has(user),
    devices: (username) => [devices.get(username)].filter((one) => one !== undefined),
    session: () => false,
    hasDeskPhones: true,
  };
}
