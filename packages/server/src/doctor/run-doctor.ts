/** `carillon doctor`: looks at everything, one after the other, and says it in words. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AddressesConfig } from "../addresses/public-addresses.ts";
import { readStunServer } from "../addresses/stun-question.ts";
import { CannotStart } from "../cannot-start.ts";
import { openConfig } from "../config/live-config.ts";
import { askServer } from "../control/control-client.ts";
import { controlPath } from "../control/control-server.ts";
import type { Ports, Status } from "../control/status.ts";
import { createLog } from "../http/log.ts";
import { bindable } from "../own-addresses.ts";
import type { Settings } from "../settings.ts";
import { openStore } from "../store/store.ts";
import type { World } from "../users.ts";
import { examineAddresses, examineDomain } from "./addresses.ts";
import { examineCertificate } from "./certificate.ts";
import { examineClock } from "./clock.ts";
import { type Finding, inWords, wrong } from "./finding.ts";
import { examineFolder, examineSystem } from "./folder.ts";
import { examineNames } from "./names.ts";
import { examineNat } from "./nat.ts";
import { examineOutside } from "./outside.ts";
import type { Patient } from "./patient.ts";
import { examinePorts } from "./ports.ts";

export interface DoctorWish {
  readonly json: boolean;
  /** `HOST:PORT`, or `off`. */
  readonly stun: string | undefined;
  /** `HOST`, `HOST:PORT`, or `off`. */
  readonly time: string | undefined;
}

export interface Diagnosis {
  readonly text: string;
  readonly isWell: boolean;
}

/** Others', asked once each, where nothing else is said. */
const USUAL_STUN = "stun.cloudflare.com:3478";
const USUAL_TIME = "time.cloudflare.com";

export async function runDoctor(
  settings: Settings,
  wish: DoctorWish,
  world: World,
): Promise<Diagnosis> {
  const findings = await examine(settings, wish, world);
  const isWell = findings.every(({ state }) => state !== "wrong");
  const text = wish.json
    ? `${JSON.stringify({ findings, isWell }, undefined, 2)}\n`
    : inWords(findings);
  return { text, isWell };
}

async function examine(
  settings: Settings,
  wish: DoctorWish,
  world: World,
): Promise<readonly Finding[]> {
  const folder = examineFolder(settings.data);
  if (folder.some(({ state }) => state === "wrong")) return [...folder, ...examineSystem()];
  const read = await configOf(settings, world);
  const domain = domainOf(settings, world);
  const bad = [read, domain].flatMap((one) => ("finding" in one ? [one.finding] : []));
  if ("finding" in read || "finding" in domain) return [...folder, ...bad];
  const status = await statusOf(settings);
  const patient: Patient = {
    ...{ settings, domain: domain.name, config: read.addresses, dns: read.dns },
    addresses: bindable(settings.host),
    ports: status?.ports ?? usualPorts(settings),
    isRunning: status !== undefined,
    stun: stunOf(wish, read.addresses),
    time: wish.time === "off" ? undefined : (wish.time ?? USUAL_TIME),
  };
  const [clock, nat, names, ports, certificate, outside] = await Promise.all([
    ...[examineClock(patient.time), examineNat(patient), examineNames(patient)],
    ...[examinePorts(patient), examineCertificate(patient), examineOutside(patient)],
  ]);
  return [
    ...folder,
    ...examineSystem(),
    ...examineAddresses(patient),
    ...examineDomain(patient),
    ...[clock, ports, nat, names, certificate, outside].flatMap((each) => each ?? []),
  ];
}

type Read =
  | { readonly addresses: AddressesConfig; readonly dns: readonly string[] | undefined }
  | { readonly finding: Finding };

async function configOf({ config }: Settings, { clock }: World): Promise<Read> {
  const log = createLog({ level: "silent", now: clock.steady });
  try {
    return await openConfig({ folder: process.cwd(), config }, log);
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    const words = error.message.replace(/^The configuration is wrong\.\n/, "");
    return {
      finding: wrong("configuration", words, "Correct the file; docs/configuration.md has it all."),
    };
  }
}

type Named = { readonly name: string } | { readonly finding: Finding };

/** A house that there is keeps its own; nothing is made here. */
function domainOf(settings: Settings, { clock, hostname }: World): Named {
  const { data, domain } = settings;
  if (!existsSync(join(data, "carillon.sqlite"))) {
    return { name: (domain ?? (hostname === "" ? "localhost" : hostname)).toLowerCase() };
  }
  const store = openStore({ data, domain, hostname }, clock);
  if (!store.ok) {
    const { message, hint } = store.refusal;
    return { finding: wrong("house", message, hint) };
  }
  const { house } = store.value;
  store.value.close();
  return { name: house.domain };
}

async function statusOf({ data }: Settings): Promise<Status | undefined> {
  let said: Status | undefined;
  const heard = (line: Record<string, unknown>) => {
    said = line as unknown as Status;
    return "enough" as const;
  };
  await askServer(controlPath(data), "status", heard).catch(() => {});
  return said;
}

function usualPorts({
  port,
  sipPort,
  tlsPort,
  httpsPort,
  msrpPort,
  turnPort,
  turn,
}: Settings): Ports {
  return {
    ...{ http: port, sip: sipPort, tls: tlsPort, https: httpsPort, msrp: msrpPort },
    turn: turn === "on" ? turnPort : undefined,
  };
}

function stunOf({ stun }: DoctorWish, config: AddressesConfig) {
  if (stun === "off") return undefined;
  const text = stun ?? config.stun ?? USUAL_STUN;
  const server = readStunServer(text);
  if (server) return server;
  throw new CannotStart(
    `--stun expects a STUN server, such as stun.example:3478; found "${text}".`,
  );
}
