/** The certificate that a phone is shown, and whether it would believe it. RFC 5922. */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { type Finding, fine, note, wrong } from "./finding.ts";
import { outsideAddresses, type Patient } from "./patient.ts";

const CHECK = "certificate";
const WAIT_MS = 5000;
const DAY_MS = 86_400_000;
/** Whoever renews by hand wants to know. */
const SOON_DAYS = 14;

/** What somebody saw who came by TLS. */
export type Shown =
  | {
      readonly certificate: X509Certificate;
      /** Why an ordinary phone would not believe it, as OpenSSL has it; undefined if it would. */
      readonly doubt: string | undefined;
    }
  | { readonly why: string };

export async function examineCertificate(
  patient: Patient,
  now: number = Date.now(),
): Promise<readonly Finding[]> {
  const { domain, ports, isRunning, settings } = patient;
  if (ports.tls === undefined || !isRunning) return [];
  const host = outsideAddresses(patient)[0] ?? "127.0.0.1";
  const shown = await lookAt(host, ports.tls, domain);
  // The ports have been looked at already.
  if ("why" in shown) return [];
  const isOwn =
    settings.tlsCert === undefined && shown.certificate.issuer === shown.certificate.subject;
  return [judgeCertificate(domain, shown, isOwn, now)];
}

export function judgeCertificate(
  domain: string,
  { certificate, doubt }: Extract<Shown, { certificate: X509Certificate }>,
  isOwn: boolean,
  now: number,
): Finding {
  const until = certificate.validToDate.getTime();
  const days = Math.floor((until - now) / DAY_MS);
  if (until <= now) {
    return wrong(
      CHECK,
      `The certificate ended ${spokenDays(now - until)} ago: nobody comes in by TLS.`,
      "Put a new one in place of the old files; it is read on kill -HUP, and at a start.",
    );
  }
  const from = certificate.validFromDate.getTime();
  if (from > now) {
    return wrong(
      CHECK,
      `The certificate is not valid yet, but in ${spokenDays(from - now)}.`,
      "Either the clock of this machine is wrong, or that certificate is not for now.",
    );
  }
  if (!isFor(certificate, domain)) {
    return wrong(
      CHECK,
      `The certificate is for ${namesIn(certificate)}, and not for ${domain}: phones refuse it.`,
      `Get one with ${domain} among its names.`,
    );
  }
  if (isOwn) {
    return note(
      CHECK,
      "The certificate is one that this server made itself: browsers warn once, most phones " +
        "refuse it.",
      "With a domain of yours it gets one by itself: carillon help, at --acme.",
    );
  }
  if (doubt !== undefined) {
    return wrong(
      CHECK,
      `Ordinary phones do not believe the certificate: ${DOUBTS[doubt] ?? doubt}.`,
      "Name the file that has your own and those of its authority behind it: " +
        "--tls-cert fullchain.pem",
    );
  }
  if (days < SOON_DAYS) {
    return note(CHECK, `The certificate ends in ${days} days.`, "Renew it before that.");
  }
  return fine(CHECK, `The certificate is for ${domain}, is believed, and ends in ${days} days.`);
}

const DOUBTS: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "a certificate between it and its authority is missing",
  UNABLE_TO_GET_ISSUER_CERT: "a certificate between it and its authority is missing",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is unknown, or one in between is missing",
  DEPTH_ZERO_SELF_SIGNED_CERT: "nobody but itself vouches for it",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is unknown",
};

/** RFC 5922 §7.1: a sip URI counts, a DNS name does; a wildcard does not. */
const isFor = (certificate: X509Certificate, domain: string): boolean =>
  isIP(domain) !== 0
    ? certificate.checkIP(domain) !== undefined
    : certificate.checkHost(domain, { wildcards: false }) !== undefined ||
      (certificate.subjectAltName ?? "").includes(`URI:sip:${domain}`);

const namesIn = ({ subjectAltName, subject }: X509Certificate): string =>
  subjectAltName === undefined ? `"${subject.replaceAll("\n", ", ")}"` : subjectAltName;

const spokenDays = (ms: number): string => {
  const days = Math.round(ms / DAY_MS);
  return days === 1 ? "a day" : `${days} days`;
};

/** What is shown there to who asks for this name. */
export function lookAt(host: string, port: number, name: string): Promise<Shown> {
  return new Promise((resolve) => {
    const servername = isIP(name) === 0 ? name : "";
    const socket: TLSSocket = connect({ host, port, servername, rejectUnauthorized: false });
    const end = (shown: Shown): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(shown);
    };
    const timer = setTimeout(() => end({ why: "nothing comes back" }), WAIT_MS);
    socket.once("error", (cause) => end({ why: cause.message }));
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate();
      if (!certificate) return end({ why: "no certificate was shown" });
      const doubt = socket.authorized ? undefined : codeOf(socket.authorizationError);
      end({ certificate, doubt });
    });
  });
}

/** Names are judged apart, by the rules of SIP. */
function codeOf(error: unknown): string | undefined {
  const text =
    error instanceof Error
      ? ((error as NodeJS.ErrnoException).code ?? error.message)
      : String(error);
  return text === "ERR_TLS_CERT_ALTNAME_INVALID" ? undefined : text;
}
