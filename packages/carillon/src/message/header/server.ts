/** Server. RFC 3261 §20.35. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatProducts, type Product, parseProducts } from "./products.ts";

/**
 * `Server = "Server" HCOLON server-val *(LWS server-val)`.
 * RFC 3261 §20.35. Errors: `bad-header` (400).
 */
export const parseServer = (octets: Octets): Result<readonly Product[]> =>
  parseProducts(octets, "RFC 3261 §20.35");

/**
 * Throws a RangeError on an empty list, a name that is no token, and a comment whose parentheses do
 * not balance.
 */
export const formatServer = (products: readonly Product[]): Octets => formatProducts(products);
