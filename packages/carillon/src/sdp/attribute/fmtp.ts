/** `a=fmtp`: parameters of one format. RFC 8866 §6.15. */
import { isByteString, isSdpToken, splitList } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** What one `a=fmtp` line says. RFC 8866 §6.15. */
export interface Fmtp {
  /** A format of the `m=` line. */
  readonly format: string;
  /** As they are written. */
  readonly parameters: string;
}

/**
 * `a=fmtp`, one line for each format that has parameters. RFC 8866 §6.15. `parseFmtpParams` reads
 * most of them.
 *
 * `fmtp-value = fmt SP format-specific-params`
 */
export const fmtp: AttributeType<Fmtp> = valueAttribute({
  name: "fmtp",
  source: "RFC 8866 §6.15",
  expected: "a format and its parameters",
  read: (text) => {
    const space = text.indexOf(" ");
    const format = text.slice(0, Math.max(0, space));
    const parameters = text.slice(space + 1);
    if (!isSdpToken(format) || !isByteString(parameters)) return undefined;
    return { format, parameters };
  },
  write: ({ format, parameters }) => `${format} ${parameters}`,
});

/**
 * The parameters of a format: lower-case names and their values; a word alone has the empty value.
 * RFC 8866 §6.15.
 */
export type FmtpParams = ReadonlyMap<string, string>;

/**
 * Reads `name=value; name=value`, the form most formats use. White space around a semicolon and an
 * empty element are let through; of a name that comes twice the first counts. A list of more than
 * 128 is nobody's parameters, and none. RFC 8866 §6.15.
 */
export function parseFmtpParams(text: string): FmtpParams {
  const params = new Map<string, string>();
  for (const element of splitList(text, ";") ?? []) {
    const equal = element.indexOf("=");
    const name = (equal < 0 ? element : element.slice(0, equal)).trim().toLowerCase();
    if (name === "" || params.has(name)) continue;
    params.set(name, equal < 0 ? "" : element.slice(equal + 1).trim());
  }
  return params;
}

/** The form of `parseFmtpParams`, with no space: some phones read none. */
export function formatFmtpParams(params: FmtpParams): string {
  return [...params].map(([name, value]) => (value === "" ? name : `${name}=${value}`)).join(";");
}

/** A parameter that says 0 or 1. */
export const flagParam = (params: FmtpParams, name: string): boolean | undefined => {
  const value = params.get(name);
  return value === "1" ? true : value === "0" ? false : undefined;
};
