/** What `testssl.sh` finds wrong with our TLS, where an authority has signed the certificate. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DOMAIN, House } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { Authority } from "./openssl.ts";
import { folderIn } from "./stage.ts";

const PORTS = { "SIP over TLS": 5061, "the page over https": 8443 } as const;
/** Those that say of something that it ought to be otherwise. */
const BAD = new Set(["LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL"]);

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

/** What cannot be otherwise here, by its id, and why; each is told with the figures. */
const NOT_HERE: Readonly<Record<string, string>> = {
  DNS_CAArecord: "there is no DNS here to hold a CAA record",
  cert_revocation: "an authority for tests has no list and no responder",
  OCSP_stapling: "an authority for tests has no responder to staple from",
};

export async function tlsAudit(folder: string, report: Report): Promise<void> {
  const own = folderIn(folder, "tls-audit");
  mkdirSync(own);
  const authority = await Authority.found(join(own, "authority"), "an authority");
  const shown = await authority.sign({
    ...{ cn: DOMAIN, validTo: 80 },
    extensions: [`subjectAltName=DNS:${DOMAIN}`, "extendedKeyUsage=serverAuth"],
  });
  const [cert, key] = [join(own, "shown.pem"), join(own, "shown.key")];
  writeFileSync(cert, shown.cert + authority.cert);
  writeFileSync(key, shown.key);
  // A browser remembers for all ports of a name that it has TLS, so that nobody is told unasked.
  const args = ["--tls-cert", cert, "--tls-key", key, "--plain-http", "off"];
  const house = await House.start(join(own, "house"), { log: "info", args });
  const ca = join(authority.folder, "ca.crt");
  try {
    for (const part of PARTS) {
      // Each spends its time waiting.
      await Promise.all(
        Object.entries(PORTS).map(([name, port]) =>
          report.check(`testssl.sh finds nothing of LOW or worse at ${name}: ${part.what}`, () =>
            audit(join(own, `testssl-${port}-${part.flags.join("")}.json`), port, ca, part),
          ),
        ),
      );
    }
    const [fault] = house.faults;
    await report.check("the program has no fault of it", async () => {
      demand(fault === undefined, `in its log: ${fault}`);
      return "none in its log";
    });
  } finally {
    await house.stop();
  }
}

async function audit(json: string, port: number, ca: string, part: Part): Promise<string> {
  const how = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none"];
  const at = ["--ip", "127.0.0.1", "--add-ca", ca, "--jsonfile", json, `${DOMAIN}:${port}`];
  // Its exit code counts what it found, which is read below.
  await promisify(execFile)("testssl", [...how, ...part.flags, ...at]).catch(() => {});
  const findings = JSON.parse(readFileSync(json, "utf8")) as readonly Finding[];
  demand(findings.length >= part.findings, `it found out only ${findings.length} things`);
  const bad = findings.filter(({ severity }) => BAD.has(severity));
  const wrong = bad.filter(({ id }) => reasonFor(id) === undefined);
  const words = wrong.map(({ id, severity, finding }) => `${severity} ${id}: ${finding}`);
  demand(wrong.length === 0, words.join("; "));
  const excused = bad.map(({ id }) => `${id}: ${reasonFor(id)}`);
  // Said, and not hidden: what it could not find out is nothing that it has found.
  const unknown = findings.filter(({ severity }) => severity === "WARN");
  if (unknown.length > 0) excused.push(...unknown.map(({ id, finding }) => `${id}: ${finding}`));
  const beside = excused.length === 0 ? "" : `; beside: ${excused.join(", ")}`;
  return `${findings.length} findings, none bad${beside}`;
}

const reasonFor = (id: string): string | undefined => NOT_HERE[id.split(" ")[0] ?? ""];

interface Part {
  readonly what: string;
  readonly flags: readonly string[];
  /** With fewer it has ended before its time. */
  readonly findings: number;
}

const PARTS: readonly Part[] = [
  {
    what: "protocols, ciphers, the certificate, headers",
    ...{ flags: ["-p", "-s", "-P", "-S", "-h"], findings: 45 },
  },
  { what: "known holes", flags: ["-U"], findings: 15 },
];
