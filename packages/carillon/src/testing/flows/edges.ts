/** Phones behind edges: how they register and are called; an edge that dies; too much to do. */
import type { Admission, AdmissionWorld, Verdict } from "../../endpoint/overload/admission.ts";
import { overloadControl } from "../../endpoint/overload/overload-control.ts";
import type { Millis } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";
import { headerLines } from "../../message/headers.ts";
import { parseMessage, type Response } from "../../message/message.ts";
import type { Flow as TransportFlow } from "../../transport/flow.ts";
import type { Call } from "../../ua/call.ts";
import type { Phone } from "../../ua/phone.ts";
import { type EdgePlace, edgeBefore, phoneWithFlowsTo } from "../edge-before.ts";
import type { Host } from "../network.ts";
import { endsOf } from "./cast.ts";
import type { Flow } from "./flow.ts";
import type { FlowStage } from "./flow-stage.ts";
import { lastSaid } from "./said.ts";

const BOBS = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6b0b";
const NAME = "edges.example";
const ALONE: EdgePlace = { host: "198.51.100.11", tower: "edge" };
const BOTH: readonly EdgePlace[] = [
  { host: "198.51.100.11", tower: "edge-1", name: NAME },
  { host: "198.51.100.12", tower: "edge-2", name: NAME },
];

/** Bob's phone with a flow by each of these edges; and they. */
function bobBehind(stage: FlowStage, places: readonly EdgePlace[]) {
  const edges = places.map((place) => {
    const edge = edgeBefore(stage.home, place);
    // When it looks again at who has registered with it, which is nobody.
    stage.watched.set(edge, 1);
    return edge;
  });
  const addresses = places.map(({ host }) => host);
  const own = { user: "bob", password: "b secret", instance: BOBS, address: "203.0.113.99" };
  const { phone: bob, host } = phoneWithFlowsTo(stage.home, addresses, own);
  // When to register each flow again, and when to see whether it is alive.
  stage.watched.set(host, 2 * places.length);
  return { edges, bob, host };
}

const flowsOf = (bob: Phone): number =>
  bob.flows().filter(({ state }) => state.name === "Registered").length;

async function registers(stage: FlowStage, bob: Phone, flows: number): Promise<void> {
  bob.register().catch(() => {});
  for (let i = 0; i < 600 && flowsOf(bob) < flows; i++) await stage.network.run(1000);
}

/** Values of an address in it, whatever they are: `<sip:…@198.51.100.11:5060;lr;ob>`. */
const shapes = (values: readonly Octets[]): string =>
  values.map((value) => value.replace(/sip:[^@>]*@/, "sip:…@")).join(", ");

/** The responses to this that have come to this host since the story began. */
function responsesTo(stage: FlowStage, host: string, status: number): readonly Response[] {
  return stage.network.sights.slice(stage.curtain).flatMap(({ to, lost, octets }) => {
    const message = to === host && !lost ? parseMessage(octets) : undefined;
    const isOne = message?.ok === true && message.value.kind === "Response";
    return isOne && message.value.status === status ? [message.value] : [];
  });
}

export const behindEdge: Flow = {
  title: "Bob's phone registers through an edge, is called there, and calls",
  source: "RFC 5626 §5, RFC 3327 §5, RFC 3608 §6",
  words: [
    "The edge writes itself into the Path of the REGISTER: its address, with a token of the very",
    "connection that the phone has opened (ob: it is the phone's first hop). The server keeps that",
    "with the binding, says so by `Require: outbound`, and may say by Service-Route where the",
    "phone's own requests are to begin. The edge adds how often to ping it. Alice's INVITE goes by",
    "that Path as its Route: the edge finds the connection by the token. In the dialog it is the",
    "edge's Record-Route that does.",
  ],
  towers: ["alice", "server", "edge", "bob"],
  policy: { serviceRoute: ["sip:198.51.100.1;lr"] },
  ends: [
    "Path: <sip:…@198.51.100.11:5060;lr;ob>",
    "200: Require: outbound, Flow-Timer: 90, Service-Route: <sip:198.51.100.1;lr>",
    "Route of the INVITE: <sip:…@198.51.100.11:5060;lr;ob>",
    "alice: SIP_HUNG_UP by local",
    "bob: SIP_HUNG_UP by remote",
    "alice: SIP_HUNG_UP by remote",
    "bob: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const { bob } = bobBehind(stage, [ALONE]);
    stage.begin();
    await registers(stage, bob, 1);
    const path = lastSaid(stage, "server", "REGISTER", "Path") ?? "";
    const ok = responsesTo(stage, "bob", 200).at(-1);
    const said = (["Require", "Flow-Timer", "Service-Route"] as const).map(
      (name) => `${name}: ${shapes(ok ? headerLines(ok, name) : [])}`,
    );
    return await stage.scene(async () => {
      const [from, to] = await stage.talk(alice, bob);
      await stage.hangUp(from, to);
      const route = lastSaid(stage, "edge", "INVITE", "Route") ?? "";
      const [back, taken] = await stage.talk(bob, alice);
      await stage.hangUp(back, taken);
      return [
        `Path: ${shapes([path])}`,
        `200: ${said.join(", ")}`,
        `Route of the INVITE: ${shapes([route])}`,
        ...endsOf({ alice: from, bob: to }),
        ...endsOf({ alice: taken, bob: back }),
      ];
    });
  },
};

export const edgeDies: Flow = {
  title: "The edge that a call came by dies: the call goes on by the other one",
  source: "RFC 5626 §4.5, §7, RFC 5627 §6.1",
  words: [
    "Bob's phone has a flow by each of two edges, which have one name. In the middle of a call the",
    "edge that it came by is gone. Alice holds: her re-INVITE is for Bob's GRUU, so that the",
    "server finds the other flow of that very phone, and its Path. Bob hangs up: his BYE has the",
    "edges' name in its Route, which the other edge answers to; it takes out what was the first",
    "one's. The server has not met him there in this call, and asks who he is.",
  ],
  towers: ["alice", "server", "edge-1", "edge-2", "bob"],
  ends: ["held: ByThem", "alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const alice = await stage.signedIn("alice");
    const { edges, bob } = bobBehind(stage, BOTH);
    await registers(stage, bob, 2);
    stage.begin();
    return await stage.scene(async () => {
      const [from, to] = await stage.talk(alice, bob);
      await stage.network.run(2000);
      // Once: where the weather has the story told again, the other one has to stay.
      if (edges.every((edge) => stage.watched.has(edge))) die(stage, edges[usedBy(stage)]);
      await stage.network.run(200);
      await stage.patiently(from.hold());
      await stage.network.run(2000);
      const held = to.state.name === "Established" ? to.state.held : to.state.name;
      await stage.hangUp(to, from);
      return [`held: ${held}`, ...endsOf({ alice: from, bob: to })];
    });
  },
};

/** By which of them the dialog goes: its ACK does. */
const usedBy = (stage: FlowStage): number =>
  BOTH.findIndex(
    ({ tower }) =>
      stage.network.sights.findLast(({ from, octets }) => {
        const isEdge = BOTH.some((one) => one.tower === from);
        return isEdge && octets.startsWith("ACK ");
      })?.from === tower,
  );

/** As by kill -9. */
function die(stage: FlowStage, edge: Host | undefined): void {
  edge?.disconnect();
  edge?.stop();
  if (edge) stage.watched.delete(edge);
}

const [OTHERS, RINGING] = [100, "SIP/2.0 180 Ringing\r\n\r\n"];

/** A server whose messages have lain in its socket for as long as the story says. */
class Late implements Admission {
  waitedMs: Millis = 0;
  readonly #control = overloadControl();

  attach(world: AdmissionWorld): void {
    this.#control.attach(world);
  }

  judge(octets: Octets, flow: TransportFlow, _: Millis, now: Millis): Verdict {
    // Before it lie those of others: one that is late alone is no queue.
    const others = this.waitedMs > 0 ? OTHERS : 0;
    for (let nth = 0; nth < others; nth++) this.#control.judge(RINGING, flow, this.waitedMs, now);
    return this.#control.judge(octets, flow, this.waitedMs, now);
  }

  leaving(response: Octets, flow: TransportFlow, now: Millis): Octets {
    return this.#control.leaving(response, flow, now);
  }
}

/** What waits for so long cannot all be served: nobody new is let in. */
const TOO_LATE_MS = 400;
/** Until the server has forgotten that. */
const CALM_MS = 20_000;
/** How soon somebody calls again, and how often. */
const [AGAIN_MS, MOST_CALLS] = [100, 60];

export const serverBusy: Flow = {
  title: "The server has too much to do: it says so, and the edge keeps calls back",
  source: "RFC 3261 §21.5.4, RFC 7339 §5",
  words: [
    "What comes waits in the server's socket for 0.4 seconds: whole new calls are turned away,",
    "with a 503 that says when to come again (Retry-After); what belongs to a call goes through.",
    "The edge has asked in its Via to be told (oc); the 503 says there which part it is to keep",
    "back (oc, in percent, for oc-validity milliseconds), and that grows: one of Bob's next calls",
    "does not leave the edge at all. Then the server has caught up, and lets him in.",
  ],
  differs: [
    "RFC 7339 draws no flow. Of a 503 that the edge gets, the phone hears a 480: other servers may",
    "not be busy (RFC 3261 §16.7 step 6).",
  ],
  towers: ["bob", "edge", "server", "alice"],
  admission: () => new Late(),
  ends: [
    "503 to the edge, in its Via: oc, oc-algo, oc-validity, oc-seq",
    "first: SIP_UNAVAILABLE by remote",
    "kept: SIP_UNAVAILABLE by remote",
    "bob: SIP_HUNG_UP by local",
    "alice: SIP_HUNG_UP by remote",
  ],
  async play(stage) {
    const late = stage.admission as Late;
    const alice = await stage.signedIn("alice");
    const { bob } = bobBehind(stage, [ALONE]);
    await registers(stage, bob, 1);
    stage.begin();
    late.waitedMs = TOO_LATE_MS;
    const first = await stage.refused(() => bob.call(alice.aor));
    const via = viasOf503(stage).find((one) => one.includes(";oc=")) ?? "";
    const kept = await keptBack(stage, () => bob.call(alice.aor));
    late.waitedMs = 0;
    await stage.network.run(CALM_MS);
    return await stage.scene(async () => {
      const [from, to] = await stage.talk(bob, alice);
      await stage.hangUp(from, to);
      const said = ["oc", "oc-algo", "oc-validity", "oc-seq"].filter((one) =>
        via.includes(`;${one}=`),
      );
      return [
        `503 to the edge, in its Via: ${said.join(", ")}`,
        ...endsOf({ first, kept }),
        ...endsOf({ bob: from, alice: to }),
      ];
    });
  },
};

const viasOf503 = (stage: FlowStage): readonly string[] =>
  responsesTo(stage, "edge", 503).flatMap((one) => headerLines(one, "Via").slice(0, 1));

/** Somebody calls until the edge does not even ask: the first such call, which is over. */
async function keptBack(stage: FlowStage, call: () => Call): Promise<Call> {
  for (let tries = 0; tries < MOST_CALLS; tries++) {
    await stage.network.run(AGAIN_MS);
    const since = stage.network.sights.length;
    const ended = await stage.refused(call);
    const asked = stage.network.sights
      .slice(since)
      .some(({ from, to, octets }) => `${from} ${to}` === "edge server" && isInvite(octets));
    if (!asked) return ended;
  }
  throw new Error("the edge has asked each time");
}

const isInvite = (octets: Octets): boolean => octets.startsWith("INVITE ");
