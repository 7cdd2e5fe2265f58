/** A redirect server, and a gateway that follows it. */
import { createEndpoint } from "../../endpoint/endpoint.ts";
import { domain } from "../../roles/domain.ts";
import { MemoryLocation } from "../../roles/location.ts";
import { testAccounts } from "../accounts.ts";
import { Desk } from "./desk.ts";
import type { FlowStage } from "./flow-stage.ts";
import { LateOfferSession } from "./late-offer-session.ts";

const DIRECTORY = "198.51.100.99";

/** The product's own, with a route that sends everybody to the house. */
export function redirectServer({ network, watched }: FlowStage): void {
  const { crypto } = network;
  const [key, node, realm] = [crypto.randomBytes(32), "d1", "old.example"];
  const contacts = [{ uri: "sip:bob@house.example" }];
  const role = domain({
    ...{ domain: realm, aliases: [DIRECTORY], realm, crypto, key, tokenKey: key, node },
    ...{ accounts: testAccounts(crypto, realm, {}), location: new MemoryLocation() },
    trusts: () => true,
    policy: () => ({ route: () => ({ kind: "Redirect", contacts }) }),
  });
  const endpoint = createEndpoint({ role, crypto, key, node });
  watched.set(network.host("directory", { host: DIRECTORY, port: 5060 }, endpoint), 1);
}

/** It makes no offers, and asks the directory first. */
export function gateway(stage: FlowStage): Desk {
  const address = "203.0.113.71";
  const way = (remote: { readonly host: string; readonly port: number }) =>
    ({ transport: "UDP", local: { host: address, port: 5060 }, remote, connection: 0 }) as const;
  return new Desk(stage, {
    ...{ user: "alice", address, peer: DIRECTORY },
    start: (agent, _, answer, user) => {
      agent.flow = way({ host: DIRECTORY, port: 5060 });
      const redirected = () => {
        agent.flow = way(stage.home.server.address);
      };
      return new LateOfferSession(agent, {
        target: "sip:bob@old.example",
        answer,
        user,
        redirected,
      });
    },
  });
}
