/**
 * What a person reads when the program has started: where to go and what to do there. The link is
 * on a line of its own, so that it can be clicked, copied and grepped.
 */
import { toString as drawQr } from "qrcode";

export interface Welcome {
  /** `http://localhost:8080` */
  readonly address: string;
  /** The same for other devices in the network; undefined if they cannot reach it. */
  readonly lanAddress: string | undefined;
  /** The page over https, for other devices; undefined if they cannot reach it. */
  readonly secureAddress: string | undefined;
  /** Whether browsers believe its certificate. */
  readonly isVouchedFor: boolean;
  readonly domain: string;
  readonly sipPort: number;
  /** Undefined without TLS. */
  readonly tlsPort: number | undefined;
  readonly invite: { readonly code: string; readonly uses: number };
  readonly validSeconds: number;
  /** Nobody owns the house yet. */
  readonly firstPerson: boolean;
  /** The terminal understands colours. */
  readonly colour: boolean;
}

export async function welcome(options: Welcome): Promise<string> {
  const { address, lanAddress, domain, invite, firstPerson } = options;
  const link = `${address}/join/${invite.code}`;
  const lanLink = lanAddress === undefined ? undefined : `${lanAddress}/join/${invite.code}`;
  const { secureAddress } = options;
  const secureLink = secureAddress && `${secureAddress}/join/${invite.code}`;
  const lines = [
    "",
    `Carillon is running for ${domain}.`,
    "",
    `  Open     ${link}`,
    ...(lanLink === undefined ? [] : [`  Network  ${lanLink}`]),
    ...(secureLink === undefined ? [] : [`  Secure   ${secureLink}`]),
    ...(firstPerson ? [] : [`  Address  ${address}/   (for who has joined already)`]),
    `  Phones   sip:NAME@${domain}, ${phonePorts(options)}`,
    "",
    await qr(secureLink ?? lanLink ?? link, options.colour),
    ...(firstPerson ? firstSteps : nextSteps),
    "",
    `The link invites ${invite.uses} people and works for ${spoken(options.validSeconds)}.`,
    ...((lanLink === undefined && isLocal(address)) || secureLink ? [] : network),
    ...(secureLink === undefined || options.isVouchedFor ? [] : unknownCertificate),
    "Stop with Ctrl+C.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

const firstSteps = [
  "1. Open the link and choose your name. Who joins first owns this house.",
  "2. Open the same link in a second tab and choose another name.",
  "3. Call one from the other.",
];

const nextSteps = ["Open the link to join with a new name, or give it to a friend."];

const network = [
  "Browsers give camera and microphone to http://localhost and to https pages only, so from",
  "another device you can look around, but not yet call.",
];

const unknownCertificate = [
  "From other devices use the secure link. Their browsers warn about it at first, because this",
  "server made its certificate itself; a real one is given with --tls-cert and --tls-key.",
];

const phonePorts = ({ sipPort, tlsPort }: Welcome): string =>
  `port ${sipPort} over UDP or TCP${tlsPort === undefined ? "" : `, ${tlsPort} over TLS`}`;

const isLocal = (address: string): boolean => new URL(address).hostname === "localhost";

async function qr(link: string, colour: boolean): Promise<string> {
  const code = await drawQr(link, { type: "utf8" });
  if (!colour) return code;
  // Black on white whatever the terminal's own colours: many cameras read no inverted code.
  return code.replace(/^.+$/gm, (line) => `\u001b[30;107m${line}\u001b[0m`);
}

function spoken(seconds: number): string {
  const hours = Math.round(seconds / 3600);
  return `${hours} hours (${seconds} seconds)`;
}
