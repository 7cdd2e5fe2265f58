/** Where `carillon status`, `trace`, `connect`, `record` and `calls --live` ask. */
import { answers } from "../control/answers.ts";
import { connector } from "../control/connector.ts";
import { controlPath, controlServer } from "../control/control-server.ts";
import { liveCalls } from "../control/live-calls.ts";
import { recorder } from "../control/recorder.ts";
import { statusOf } from "../control/status.ts";
import { closeIt } from "./close-it.ts";
import type { HouseParts } from "./house-parts.ts";
import { type ServedPorts, shownPorts } from "./served-ports.ts";
import type { SipParts } from "./sip-parts.ts";

export async function openControl(
  parts: AsyncDisposableStack,
  house: HouseParts,
  { sip, bridge, turn, overload }: SipParts,
  ports: () => ServedPorts,
): Promise<void> {
  const { settings, clock, log, tracing, people, certificates } = house;
  const { data, media } = settings;
  const { domain } = house.store.house;
  const { runner, outgoing } = sip;
  const { endpoint } = runner;
  const { bridging, connect: connectTwo } = bridge;
  const inTurn = (run: () => void): void => runner.call(run);
  const connect = connector({ domain, connect: connectTwo, inTurn });
  const calls = () => liveCalls(bridging.list(), house.presence.ongoing(), endpoint.now);
  const records = recorder({ data, media, log, bridging, calls, wall: clock.wall, inTurn });
  const { status } = parts.adopt(
    statusOf({
      ...{ endpoint, domain, bridge, outgoing, certificates, overload },
      people: () => people.people(),
      ports: () => shownPorts(ports()),
      protection: house.guarded.census,
      relays: turn.census,
    }),
    closeIt,
  );
  const answered = answers({ tracing, status, connect, recorder: records });
  parts.adopt(await controlServer(controlPath(data), answered), closeIt);
}
