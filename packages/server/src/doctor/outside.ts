/** What a phone outside would experience that knows nothing but the domain. RFC 3263. */
import { isIP } from "node:net";
import { dns as resolver, userAgentClient } from "carillon/node";
import { PRODUCT } from "../product.ts";
import { type Finding, fine, unknown, wrong } from "./finding.ts";
import type { Patient } from "./patient.ts";

const CHECK = "from outside";
const WAIT_MS = 6000;

/** Whether whoever is found by that name is this server. */
export async function examineOutside(patient: Patient): Promise<readonly Finding[]> {
  const { domain, dns, isRunning, addresses } = patient;
  if (!isRunning || isIP(domain) !== 0 || !domain.includes(".")) return [];
  const client = await userAgentClient({
    ...{ hosts: addresses, product: PRODUCT },
    ...(dns && { dns: resolver({ servers: dns }) }),
  }).catch(() => undefined);
  if (!client) return [];
  try {
    const findings: Finding[] = [];
    for (const [uri, how] of [
      [`sip:${domain}`, "as most phones do"],
      [`sips:${domain}`, "encrypted"],
    ] as const) {
      if (uri.startsWith("sips") && patient.ports.tls === undefined) continue;
      const from = `sip:doctor@${domain}`;
      const answer = await client.ask({ method: "OPTIONS", uri, from, timeoutMs: WAIT_MS });
      findings.push(judge(patient, how, answer));
    }
    return findings;
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof userAgentClient>>["ask"]>>;

function judge({ domain, config }: Patient, how: string, answer: Answer): Finding {
  if (answer.kind === "Unanswered") {
    const words = `A phone that looks for ${domain} ${how} reaches nobody: ${answer.reason}.`;
    if (config.public !== undefined || config.stun !== undefined) {
      return unknown(
        CHECK,
        words,
        `Many routers do not lead back in; ask elsewhere: carillon options sip:${domain}`,
      );
    }
    return wrong(CHECK, words, "See what is said above of the DNS, the ports and the certificate.");
  }
  return fine(
    CHECK,
    `A phone that looks for ${domain} ${how} reaches a server (${answer.response.status}).`,
  );
}
