import { createEndpoint } from "../../endpoint/endpoint.ts";
import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage } from "./flow-stage.ts";
import { SecondTry } from "./second-try.ts";

const SILENT = "198.51.100.99";

export const callProxySilent: Flow = {
  title: "The first proxy says nothing, the second one takes over",
  source: "RFC 3665 §3.4",
  words: [
    "Alice's desk knows two proxies. The first one is reachable and does not answer.",
    "Seven INVITEs and 32 seconds later her desk gives up on it and calls over the second one.",
  ],
  towers: ["alice", "silent", "server", "bob"],
  ends: ["alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    hangingProxy(stage);
    const [alice, bob] = [twoProxyDesk(stage), await stage.signedIn("bob")];
    stage.begin();
    const [from, to] = await stage.talk(alice, bob);
    await stage.network.run(3000);
    await stage.hangUp(to, from);
    return [endOf("alice", from), endOf("bob", to)];
  },
};

function hangingProxy({ network }: FlowStage): void {
  const role = { attach() {}, request() {}, ack() {} };
  const endpoint = createEndpoint({ role, crypto: network.crypto });
  network.host("silent", { host: SILENT, port: 5060 }, endpoint).hang();
}

function twoProxyDesk(stage: FlowStage): Desk {
  const address = "203.0.113.71";
  const local = { host: address, port: 5060 };
  const remote = stage.home.server.address;
  const second = { transport: "UDP", local, remote, connection: 0 } as const;
  return new Desk(stage, {
    ...{ user: "alice", address, peer: SILENT },
    start: (...call) => new SecondTry(...call, second),
  });
}
