/** `carillon status`: what the running server says of itself. */
import type { OverloadCensus } from "carillon/endpoint";
import type { TurnCensus } from "carillon/turn";
import { certificateInWords } from "../certificates/certificate-status.ts";
import type { Settings } from "../settings.ts";
import { askServer } from "./control-client.ts";
import { controlPath } from "./control-server.ts";
import type { Status } from "./status.ts";

export async function showStatus(
  settings: Pick<Settings, "data">,
  options: { readonly json: boolean },
): Promise<string> {
  let said: Status | undefined;
  await askServer(controlPath(settings.data), "status", (line) => {
    said = line as unknown as Status;
    return "enough";
  });
  if (!said) return "";
  return options.json ? `${JSON.stringify(said)}\n` : inWords(said, Date.now());
}

/** `now` in ms since 1970. */
export function inWords(status: Status, now: number): string {
  const { people, transactions, bridge, relays, delayMs, protection, overload } = status;
  return `${status.product} for ${status.domain}, up ${duration(status.upSeconds)}.

  People        ${people.known}, of whom ${people.online} can be reached now
  Transactions  ${transactions.servers} that others began, ${transactions.clients} of ours
  Connections   ${status.connections}
  Bridged       ${bridged(bridge)}
  Elsewhere     ${elsewhere(status.outgoing)}
  Relayed       ${relays === undefined ? "no TURN server here" : relayed(relays)}
  Kept at bay   ${keptAtBay(protection)}
  Certificate   ${certificateInWords(status.certificate, now).join(`\n${" ".repeat(16)}`)}
  Turned away   ${overload === undefined ? "nobody, ever" : turnedAway(overload)}
  Memory        ${status.memoryMb} MB
  Delay         ${delayMs.p50} ms usually, ${delayMs.p99} ms at worst one time in a hundred
`;
}

function bridged({ calls, workers }: Status["bridge"]): string {
  const words = calls === 1 ? "1 call" : `${calls} calls`;
  if (workers.length === 0) return `${words}; its processes start with the first`;
  const busiest = Math.max(...workers.map(({ load }) => load));
  const processes = workers.length === 1 ? "1 process" : `${workers.length} processes`;
  return `${words} in ${processes}, the busiest ${Math.round(100 * busiest)} % busy`;
}

function elsewhere({ outside, atLimit }: Status["outgoing"]): string {
  const words = outside === 1 ? "1 call" : `${outside} calls`;
  if (atLimit.length === 0) return words;
  const who = atLimit.map((one) => {
    const minutes = Math.floor(one.talkTodayMs / 60_000);
    const now = one.inside > 0 ? `${one.outside} now, ${one.inside} inside` : `${one.outside} now`;
    return `${one.account} (${now}; ${one.callsToday} calls and ${minutes} min today)`;
  });
  return `${words}; at their limit: ${who.join(", ")}`;
}

function keptAtBay({ bans, wrong, unheard, silenced, refused }: Status["protection"]): string {
  const banned = bans === 1 ? "1 address is banned" : `${bans} addresses are banned`;
  const guesses = `${wrong} wrong passwords and ${unheard} more not looked at`;
  return `${banned}; ${guesses}, ${silenced + refused} messages not answered`;
}

function turnedAway(census: OverloadCensus): string {
  const { isOverloaded, calls, registrations, others, late } = census;
  const all = calls + registrations + others + late;
  const words = all === 0 ? "nobody since the start" : `${all} requests since the start`;
  const which = `${calls} calls, ${registrations} registrations, ${others} others, ${late} too old`;
  const said = all === 0 ? words : `${words}: ${which}`;
  return isOverloaded ? `${said}; there is too much to do now` : said;
}

const relayed = ({ allocations, packets, bytes }: TurnCensus): string =>
  `${allocations} now; ${packets} packets since the start, ${Math.round(bytes / 1e6)} MB`;

export function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}
