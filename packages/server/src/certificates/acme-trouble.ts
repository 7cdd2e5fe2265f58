/** What went wrong with an authority, in words, and what helps. */

export class AcmeTrouble extends Error {
  override readonly name = "AcmeTrouble";
  /** What to do, in a sentence. */
  readonly cure: string;

  constructor(what: string, cure: string) {
    super(what);
    this.cure = cure;
  }
}

/** What an authority says of a challenge that failed. RFC 8555 §6.7. */
export interface Problem {
  readonly type?: string;
  readonly detail?: string;
}

const CURES: Readonly<Record<string, string>> = {
  connection:
    "Port 80 has to be reached from the internet: look at the firewall, and at what the router " +
    "passes on to this machine.",
  dns: "The name needs an A or AAAA record that leads to this machine.",
  unauthorized:
    "The name leads to another machine or program: its A and AAAA records have to be this " +
    "machine's, and port 80 this program's.",
  incorrectResponse:
    "Another program answers at port 80 of that name: it has to be this one, or to pass " +
    "/.well-known/acme-challenge/ on to it.",
  caa:
    "A CAA record of the domain keeps this authority out: name it there, or choose another one: " +
    "certificates.acme.directory.",
  rateLimited: "The authority wants to be left alone for a while. It is tried again by itself.",
  rejectedIdentifier:
    "The authority signs no such name: list those that are in the public DNS as " +
    "certificates.acme.names.",
  externalAccountRequired:
    "This authority wants to know you: certificates.acme.account, with the kid and hmacKey that " +
    "it gave you.",
  invalidContact: "Name an address that exists: --acme you@your.domain.",
  userActionRequired: "The authority has new terms: read them, and agree to them there.",
};

const ELSE = "Certificates have a chapter in docs/configuration.md.";

const PREFIX = "urn:ietf:params:acme:error:";

/** Undefined is the authority as a whole; else the name that it was about. */
export function troubleSaid({ type = "", detail = "" }: Problem, name?: string): AcmeTrouble {
  const kind = kindOf(type) ?? type;
  const said = detail === "" ? kind : detail;
  const what = name === undefined ? "the authority says" : `${name} could not be shown to be ours`;
  return new AcmeTrouble(`${what}: ${said}`, CURES[kind] ?? ELSE);
}

/** `connection`; undefined where this is none of ACME's own kinds. */
export const kindOf = (type: string): string | undefined =>
  type.startsWith(PREFIX) ? type.slice(PREFIX.length) : undefined;

/** Of anything that is thrown on the way. */
export function troubleOf(error: unknown, directory: string): AcmeTrouble {
  if (error instanceof AcmeTrouble) return error;
  const { message, code = "" } = error as { message: string; code?: string };
  const { host } = new URL(directory);
  if (/CERT|ISSUER|ALTNAME/.test(code)) {
    return new AcmeTrouble(
      `${host} shows a certificate that nobody here vouches for (${message})`,
      "Name the file with its authority: certificates.acme.ca. Look at the clock, too.",
    );
  }
  if (/^E[A-Z_]+$/.test(code)) {
    return new AcmeTrouble(
      `${host} is not reached (${message || code})`,
      "This machine has to get out to it over HTTPS: look at the network, the DNS, the firewall.",
    );
  }
  return new AcmeTrouble(`${host}: ${message}`, ELSE);
}
