/** P-Asserted-Service. RFC 6050 §4. */
import type { Octets } from "../../grammar/octets.ts";
import type { Result } from "../../grammar/result.ts";
import { formatServices, parseServices } from "./services.ts";

/**
 * `PAssertedService = "P-Asserted-Service" HCOLON PAssertedService-value`, between commas.
 * RFC 6050 §4.4. Errors: `bad-header` (400).
 */
export const parsePAssertedService = (octets: Octets): Result<readonly Octets[]> =>
  parseServices(octets);

/** Throws a RangeError on an empty list and on what is no URN. */
export const formatPAssertedService = (services: readonly Octets[]): Octets =>
  formatServices(services);
