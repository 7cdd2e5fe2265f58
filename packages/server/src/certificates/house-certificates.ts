/** The certificate of this house: where it comes from, who renews it, and what is said of it. */
import { readFileSync } from "node:fs";
import { CannotStart } from "../cannot-start.ts";
import type { Clock } from "../clock.ts";
import type { AcmeConfig, LiveConfig } from "../config/live-config.ts";
import type { Log } from "../http/log.ts";
import type { Settings } from "../settings.ts";
import { AcmeFiles } from "./acme-files.ts";
import { AcmeKeeper } from "./acme-keeper.ts";
import { acmeNames } from "./acme-names.ts";
import { type CertificateStatus, certificateStatus } from "./certificate-status.ts";
import { ChallengeAnswers } from "./challenge-answers.ts";
import { dnsAnswers } from "./dns-answers.ts";
import { LiveCredentials } from "./live-credentials.ts";
import type { OwnNames } from "./own-certificate.ts";

/** Let's Encrypt: no account is needed beforehand, and every phone and browser believes it. */
export const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

export interface HouseCertificatesParts {
  readonly settings: Settings;
  readonly config: LiveConfig;
  readonly names: OwnNames;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HouseCertificates {
  readonly credentials: LiveCredentials;
  /** What an authority looks for; undefined where none asks over HTTP. */
  readonly answers: ChallengeAnswers | undefined;
  status(): CertificateStatus;
  /** Begins to ask the authority: everything else listens by now. */
  begin(httpsPort: number | undefined): void;
  close(): Promise<void>;
}

/** Throws CannotStart in words if a file, or what is wished, is of no use. */
export async function houseCertificates(parts: HouseCertificatesParts): Promise<HouseCertificates> {
  const { settings, config, names, clock, log } = parts;
  const wish = wishOf(parts);
  const files = wish && new AcmeFiles(settings.data, wish.directory);
  const credentials = await LiveCredentials.open({
    ...{ ...settings, names, log, now: clock.wall, believed: () => config.tls },
    ...{ aliases: config.aliases, acme: files },
  });
  const answers = wish && !wish.dns ? new ChallengeAnswers() : undefined;
  let keeper: AcmeKeeper | undefined;
  // A certificate of our own is replaced before its end, however long the server runs.
  const daily = setInterval(() => void credentials.reload(), 86_400_000).unref();
  return {
    ...{ credentials, answers },
    status: () => certificateStatus(credentials, names.domain, keeper?.status),
    begin: (httpsPort) => {
      if (!wish || !files) return;
      const answerer = wish.dns ? dnsAnswers(wish.dns) : (answers as ChallengeAnswers);
      const at = httpsPort === undefined ? undefined : secureAddress(names.domain, httpsPort);
      const listened = { host: settings.host, port: wish.httpPort, secureAt: () => at };
      // The page's own port answers it as well.
      const isOwnPort = wish.httpPort === settings.port;
      keeper = new AcmeKeeper({
        ...{ ...wish, files, answerer, clock, log },
        prepare: async () => (isOwnPort ? undefined : answers?.listen(listened)),
        show: () => credentials.reload(),
        chance: Math.random,
      });
    },
    close: async () => {
      clearInterval(daily);
      keeper?.close();
      credentials.close();
      await answers?.close();
    },
  };
}

const secureAddress = (domain: string, port: number): string =>
  port === 443 ? `https://${domain}` : `https://${domain}:${port}`;

interface Wish extends Omit<AcmeConfig, "names" | "email" | "ca"> {
  readonly email: string;
  readonly directory: string;
  readonly names: readonly string[];
  readonly httpPort: number;
  readonly ca: string | undefined;
}

/** What is wanted of an authority; undefined is nothing. */
function wishOf({ settings, config, names }: HouseCertificatesParts): Wish | undefined {
  const { acme = {} } = config.certificates;
  const email = settings.acme ?? acme.email;
  if (email === undefined) return undefined;
  if (settings.tlsCert !== undefined) {
    throw new CannotStart(
      "A certificate is in a file (--tls-cert) or comes from an authority (--acme): leave out one.",
    );
  }
  return {
    ...{ ...acme, email, httpPort: acme.httpPort ?? 80 },
    directory: acme.directory ?? LETS_ENCRYPT,
    names: acmeNames(names.domain, config.aliases, acme.names),
    ca: acme.ca === undefined ? undefined : readPem(acme.ca),
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CannotStart(`certificates.acme.ca cannot be read: ${(error as Error).message}.`);
  }
}
