/** Specimens of the machines that find neighbours: their states and inputs. */
import * as announcing from "../announcement.ts";
import { recordsOf } from "../dns-sd.ts";
import * as looking from "../neighbourhood.ts";
import { drawn, type Picture } from "../picture.ts";

export const announcement = (): Picture =>
  drawn<announcing.Params, announcing.State, announcing.Input, announcing.Output>({
    title: "Announcement on the link",
    file: "usage/announcement.ts",
    source: "RFC 6762 §8, §10.1",
    machine: announcing,
    params: { label: "Alice" },
    states: [
      { name: "Probing", label: "Alice", sent: 1, timerProbe: 250 },
      { name: "Probing", label: "Alice", sent: 3, timerProbe: 750 },
      { name: "Announcing", label: "Alice", sent: 1, timerAgain: 1750 },
      { name: "Present", label: "Alice", timerRefresh: 81_750 },
      { name: "Terminated" },
    ],
    inputs: [
      [{ kind: "Conflict", label: "Alice" }, 7],
      [{ kind: "Asked" }, 7],
      [{ kind: "Changed" }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 81_750],
      [{ kind: "Leave" }, 7],
    ],
  });

const BOB = {
  ...{ name: "Bob", user: "bob", status: "online", host: "b.local", port: 5060 },
  addresses: ["192.0.2.7"],
};
const NEIGHBOUR = {
  ...{ name: "Bob", user: "bob", status: "online", uri: "sip:bob@192.0.2.7:5060" },
};
const nobody = { sightings: new Map(), addresses: new Map() };
const bob = new Map([
  [
    "bob._sip._udp.local",
    {
      ...{ name: "Bob", host: "b.local", port: 5060, user: "bob", status: "online" },
      ...{ timerExpires: 120_000, told: NEIGHBOUR },
    },
  ],
]);

export const neighbourhood = (): Picture =>
  drawn<looking.Params, looking.State, looking.Input, looking.Output>({
    title: "Neighbourhood",
    file: "usage/neighbourhood.ts",
    source: "RFC 6762 §5.2, §10",
    machine: looking,
    params: { own: () => "" },
    states: [
      { name: "Browsing", asked: 1, timerAsk: 1000, ...nobody },
      {
        ...{ name: "Browsing", asked: 9, timerAsk: 500_000 },
        ...{ sightings: bob, addresses: new Map([["b.local", ["192.0.2.7"]]]) },
      },
      { name: "Terminated" },
    ],
    inputs: [
      [{ kind: "Heard", records: recordsOf(BOB) }, 7],
      [{ kind: "Heard", records: recordsOf({ ...BOB, status: "busy" }) }, 7],
      [{ kind: "Heard", records: recordsOf(BOB, true) }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 1000],
      [{ kind: "Tick" }, 120_000],
      [{ kind: "Abandon" }, 7],
    ],
  });
