/** An office: its proxy, over which Alice calls from there. */
import { testAccounts } from "../accounts.ts";
import { Desk } from "./desk.ts";
import type { FlowStage } from "./flow-stage.ts";
import { outboundProxy } from "./outbound-proxy.ts";

export const OFFICE = "198.51.100.99";
const REALM = "office.example";

/** Alice at her desk there. Everything that she sends goes to the office's proxy first. */
export function aliceAtTheOffice(stage: FlowStage): Desk {
  const { network, home } = stage;
  const { crypto } = network;
  const local = { host: OFFICE, port: 5060 };
  const accounts = testAccounts(crypto, REALM, { alice: "a secret" });
  const next = home.server.address;
  const proxy = outboundProxy({ crypto, realm: REALM, accounts, local, next });
  stage.watched.set(network.host("office", local, proxy), 0);
  const realms = [REALM, "house.example"];
  return new Desk(stage, { user: "alice", address: "203.0.113.71", peer: OFFICE, realms });
}
