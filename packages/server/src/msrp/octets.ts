/** Octets that are UTF-8, one character each, as text. */
export const toText = (octets: string): string => Buffer.from(octets, "latin1").toString("utf8");
