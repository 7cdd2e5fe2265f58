/**
 * SIP, and what calls and messages need beside it: the bridge and its lines, MSRP, push, TURN, and
 * how this machine is seen from outside.
 */
import { join } from "node:path";
import type { Service } from "carillon/roles";
import { type PublicAddresses, publicAddresses } from "../addresses/public-addresses.ts";
import { type HouseBridge, houseBridge } from "../bridge/house-bridge.ts";
import { houseLines } from "../bridge/lines/house-lines.ts";
import type { LiveConfig } from "../config/live-config.ts";
import { msrpServer } from "../msrp/msrp-server.ts";
import { houseOverload } from "../overload/house-overload.ts";
import { isEverywhere, watchAddresses } from "../own-addresses.ts";
import { tellAll } from "../presence/house-calls.ts";
import { openPush, tellOfMessages } from "../push/open-push.ts";
import type { Settings } from "../settings.ts";
import { groupChanges, mailFor, mailServices } from "../sip/mail.ts";
import { type SipServer, sipServer } from "../sip/sip-server.ts";
import { houseTurn } from "../turn/house-turn.ts";
import { closeIt } from "./close-it.ts";
import type { HouseParts } from "./house-parts.ts";

/** Whatever `openSip` gives. */
export type SipParts = Awaited<ReturnType<typeof openSip>>;

/** `base` is what the URLs of files begin with, asked once everything runs. */
export async function openSip(parts: AsyncDisposableStack, house: HouseParts, base: () => string) {
  const { settings, clock, log, config, store, durable, presence, seeing, tracing } = house;
  const { addresses, names, guarded, certificates } = house;
  const { hostname } = names;
  const { credentials } = certificates;
  const { location, outgoing } = durable;
  const { shield } = guarded;
  const boxed = { store, credentials, clock, log, base };
  const msrp = parts.adopt(await msrpServer({ ...settings, ...boxed }), closeIt);
  const calls = tellAll([durable.calls, seeing.calls, ...presence.listeners]);
  const { push, mail } = pushAndMail(house);
  const known = parts.adopt(publicAddresses({ config: config.addresses, log }), closeIt);
  const { advertise } = known;
  const bridge = parts.adopt(
    houseBridge({ ...settings, calls, advertise, log, kept: durable.bridged }),
    closeIt,
  );
  const mailed = mailServices(mail, durable.subscriptions);
  const services = [...bridged(settings, config, bridge), ...mailed, ...presence.services];
  const { registered, bridging } = bridge;
  const to = { location, calls, services, bridge: bridging, registered, box: msrp.box, shield };
  const heard = { log, tracing, logged: seeing.logged, below: seeing.below };
  const told = {
    ...to,
    ...heard,
    outgoing,
    known,
    hostname,
    addresses,
    credentials,
    store,
    config,
  };
  const overload = parts.adopt(houseOverload(config.overload, { clock, log, shield }), closeIt);
  const sip = parts.adopt(await sipServer({ ...settings, ...told, overload, push }), closeIt);
  for (const one of [durable, config, presence, bridge, push])
    one.answerIn((run) => sip.runner.call(run));
  const changeGroup = groupChanges(mail, (run) => sip.runner.call(run));
  keepWatch(parts, settings, known, sip);
  const relayed = { addresses, store, clock, log, config: config.turn, publicOf: known.of };
  const turn = parts.adopt(await houseTurn({ ...settings, ...relayed }), closeIt);
  return { sip, msrp, turn, bridge, overload, push, changeGroup };
}

/** Messages, and what tells phones that sleep of them, and of calls. */
function pushAndMail({ settings: { data }, store, clock, config, log, durable }: HouseParts) {
  const { location, messages } = durable;
  const push = openPush({ data, store, clock, log, location, config: config.push });
  const added = tellOfMessages(push, messages);
  const mail = mailFor(messages, clock, { rate: config.messageRate, added });
  return { push, mail };
}

/** The bridge, and behind it the lines, which share its engine. */
function bridged(
  { data, media }: Settings,
  { lines }: LiveConfig,
  { bridging, engine, addressOn }: HouseBridge,
): readonly Service[] {
  if (!lines || media === "never") return [bridging];
  const announcements = lines.announcements ?? join(data, "announcements");
  return [bridging, houseLines({ ...lines, engine, addressOn, announcements })];
}

/** Addresses come and go while it runs. Whoever named one to bind has that and no other. */
function keepWatch(
  parts: AsyncDisposableStack,
  { host }: Settings,
  known: PublicAddresses,
  sip: Pick<SipServer, "follow">,
): void {
  if (!isEverywhere(host)) return;
  const end = watchAddresses(host, (addresses) => {
    known.moved();
    void sip.follow(addresses);
  });
  parts.defer(async () => end());
}
