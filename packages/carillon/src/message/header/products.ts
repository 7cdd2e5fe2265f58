/** What a program calls itself, in Server and User-Agent. RFC 3261 §20.35, §20.41, §25.1. */
import { isTokenCode, skipSpace } from "../../grammar/chars.ts";
import { MAX_VALUES } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";
import { unfold } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { formatComment, skipComment } from "./comment.ts";
import { badHeader } from "./header-error.ts";
import { oneLine } from "./one-line.ts";
import { formatToken } from "./token.ts";

/**
 * `name/version`, or a comment: the two things Server and User-Agent are made of. RFC 3261 §25.1.
 */
export type Product =
  | { readonly kind: "Product"; readonly name: string; readonly version: string | undefined }
  /** As it stands between its parentheses. */
  | { readonly kind: "Comment"; readonly raw: Octets };

/** `server-val *(LWS server-val)`, `server-val = product / comment` */
export function parseProducts(octets: Octets, source: string): Result<readonly Product[]> {
  const products: Product[] = [];
  const end = octets.length;
  for (let at = skipSpace(octets, 0, end); at < end; at = skipSpace(octets, at, end)) {
    const read = octets[at] === "(" ? readComment(octets, at) : readProduct(octets, at);
    if (!read) return badHeader("expected product/version or a comment", at, source);
    if (products.length === MAX_VALUES) return badHeader("too many products", at, source);
    products.push(read.product);
    at = read.end;
  }
  return products.length > 0 ? ok(products) : badHeader("expected a product", 0, source);
}

interface Read {
  readonly product: Product;
  readonly end: number;
}

function readComment(octets: Octets, start: number): Read | undefined {
  const end = skipComment(octets, start, octets.length);
  if (end < 0) return undefined;
  return { product: { kind: "Comment", raw: unfold(octets.slice(start + 1, end - 1)) }, end };
}

/** `product = token [SLASH product-version]` */
function readProduct(octets: Octets, start: number): Read | undefined {
  const nameEnd = tokenEnd(octets, start);
  if (nameEnd === start) return undefined;
  const name = octets.slice(start, nameEnd);
  const slash = skipSpace(octets, nameEnd, octets.length);
  if (octets[slash] !== "/") {
    return { product: { kind: "Product", name, version: undefined }, end: nameEnd };
  }
  const from = skipSpace(octets, slash + 1, octets.length);
  const end = tokenEnd(octets, from);
  if (end === from) return undefined;
  return { product: { kind: "Product", name, version: octets.slice(from, end) }, end };
}

function tokenEnd(octets: Octets, start: number): number {
  let end = start;
  while (end < octets.length && isTokenCode(octets.charCodeAt(end))) end++;
  return end;
}

export function formatProducts(products: readonly Product[]): Octets {
  if (products.length === 0) throw new RangeError("a program has a name");
  return products.map(formatProduct).join(" ");
}

function formatProduct(product: Product): Octets {
  if (product.kind === "Comment") return formatComment(oneLine(product.raw));
  const version = product.version === undefined ? "" : `/${formatToken(product.version)}`;
  return formatToken(product.name) + version;
}
