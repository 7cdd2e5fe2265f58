/** Calls between phones that do not understand each other: the server goes between. RFC 7092 */
import type { ConnectState } from "../../b2bua/connected-call.ts";
import type { Call } from "../../ua/call.ts";
import type { Phone } from "../../ua/phone.ts";
import { SipError } from "../../ua/sip-error.ts";
import { transfer } from "../../ua/transferring.ts";
import type { PhoneChanges } from "../house.ts";
import { spokenMedia } from "../spoken-media.ts";
import { endsOf, fateOf } from "./cast.ts";
import { Desk } from "./desk.ts";
import type { Flow } from "./flow.ts";
import { endOf, type FlowStage } from "./flow-stage.ts";
import { LateOfferSession } from "./late-offer-session.ts";

type Kind = "page" | "desk";

/** Signed in one after the other, and those who are called answer. The story begins. */
async function people<R extends Readonly<Record<string, Kind>>>(
  stage: FlowStage,
  kinds: R,
  changes: PhoneChanges = {},
): Promise<{ readonly [K in keyof R]: Phone }> {
  const phones: Record<string, Phone> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const user = name.replace(/\d$/, "");
    const way = kind === "page" ? "ws" : "udp";
    phones[name] = await stage.signedIn(user, way, { media: () => spokenMedia(kind), ...changes });
  }
  stage.begin();
  return phones as { [K in keyof R]: Phone };
}

/** Answers whatever comes to any of these, until `end` is called; gives what came, in its order. */
function answering(stage: FlowStage, ...phones: readonly Phone[]) {
  const inboxes = phones.map((phone) => phone.calls());
  const all: Call[] = [];
  for (const inbox of inboxes) {
    void (async () => {
      for await (const call of inbox) {
        all.push(stage.keep(call));
        call.answer().catch(() => {});
      }
    })();
  }
  const end = (): void => {
    for (const inbox of inboxes) void inbox.return?.();
  };
  return { all, end };
}

/** Calls, and is answered as often as that takes: both ends, once they talk. */
async function talk(stage: FlowStage, caller: Phone, ...callees: readonly [Phone, ...Phone[]]) {
  const { all, end } = answering(stage, ...callees);
  const from = stage.keep(caller.call(callees[0].aor));
  await stage.patiently(from.answered).finally(end);
  const to = await talking(stage, all);
  await stage.network.run(3000);
  return [from, to] as const;
}

/** The first of these that is a call in which somebody talks: soon, or once its ACK has come. */
async function talking(stage: FlowStage, calls: readonly Call[]): Promise<Call> {
  for (let i = 0; i < ACKNOWLEDGED_S; i++) {
    const found = calls.find(({ state }) => state.name === "Established");
    if (found) return found;
    await stage.network.run(1000);
  }
  throw new SipError("SIP_TIMEOUT", "nobody talks");
}

/** 64 times T1, and then some: who has heard no ACK by then hangs up. RFC 3261 §13.3.1.4. */
const ACKNOWLEDGED_S = 40;

const [PAGE_TO_DESK, DESK_TO_PAGE] = [
  ["alice", "server", "bob"],
  ["bob", "server", "alice"],
];

export const bridgedCall: Flow = {
  title: "A page calls a desk phone: the server goes in between",
  source: "RFC 7092 §3.1.1",
  words: [
    "Bob's desk phone speaks plain RTP, Alice's page DTLS-SRTP. Nobody has heard that phone",
    "yet, so that it gets her offer as it is, and refuses it: 488. The server asks its media",
    "for an offer that such a phone understands, and calls it again, within the same call of",
    "Alice's. Its answer becomes hers. From there on each has a dialog with the server, of",
    "the same name.",
  ],
  towers: PAGE_TO_DESK,
  isBridged: true,
  ends: ["alice: SIP_HUNG_UP by local", "bob: SIP_HUNG_UP by remote"],
  async play(stage) {
    const { alice, bob } = await people(stage, { alice: "page", bob: "desk" });
    return await stage.scene(async () => {
      const [from, to] = await talk(stage, alice, bob);
      await stage.hangUp(from, to);
      return endsOf({ alice: from, bob: to });
    });
  },
};

export const bridgedHold: Flow = {
  title: "A desk phone calls a page and puts it on hold, with the server in between",
  source: "RFC 7092 §3.1.1, RFC 3264 §8.4",
  words: [
    "What Bob's phone offers no page understands: the call is bridged at once. Hold goes from",
    "one dialog into the other, each with its own CSeq, and the answer back; so does the end",
    "of it.",
  ],
  towers: DESK_TO_PAGE,
  isBridged: true,
  ends: [
    "alice heard: offer sendonly, offer sendrecv",
    "bob: SIP_HUNG_UP by remote",
    "alice: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { bob, alice } = await people(stage, { alice: "page", bob: "desk" });
    return await stage.scene(async () => {
      const [from, to] = await talk(stage, bob, alice);
      await stage.patiently(from.hold());
      await stage.network.run(2000);
      await stage.patiently(from.resume());
      await stage.network.run(2000);
      const { said } = to.media as unknown as { readonly said: readonly string[] };
      const later = said.slice(1).map((one) => one.replace(/^heard /, ""));
      await stage.hangUp(to, from);
      return [`alice heard: ${later.join(", ")}`, ...endsOf({ bob: from, alice: to })];
    });
  },
};

export const bridgedFork: Flow = {
  title: "A page calls somebody who has a page and a desk phone",
  source: "RFC 3261 §16.7, RFC 7092 §3.1.1",
  words: [
    "Both ring: the page by Alice's own offer, the desk phone through the server. Bob answers",
    "at his desk. The page is told that the call was answered elsewhere.",
  ],
  towers: ["alice", "server", "bob", "bob-2"],
  isBridged: true,
  ends: ["alice: SIP_HUNG_UP by local", "bob's desk: SIP_HUNG_UP by remote"],
  async play(stage) {
    const { alice, bob1, bob2 } = await people(stage, {
      alice: "page",
      bob1: "page",
      bob2: "desk",
    });
    return await stage.scene(async () => {
      const ringing = bob1.calls();
      void (async () => {
        for await (const call of ringing) stage.keep(call);
      })();
      const [from, to] = await talk(stage, alice, bob2).finally(() => void ringing.return?.());
      await stage.hangUp(from, to);
      return endsOf({ alice: from, "bob's desk": to });
    });
  },
};

export const bridgedWorkerLost: Flow = {
  title: "The process that has a call's media is killed",
  source: "RFC 3261 §14.1, RFC 8445 §9",
  words: [
    "They talk through the server when the process dies that passes their packets on. The",
    "server offers both sides anew, at other addresses and with other keys, and they go on",
    "talking.",
  ],
  towers: DESK_TO_PAGE,
  isBridged: true,
  ends: ["offered anew: bob, alice", "bob: SIP_HUNG_UP by local", "alice: SIP_HUNG_UP by remote"],
  async play(stage) {
    const { bob, alice } = await people(stage, { alice: "page", bob: "desk" });
    return await stage.scene(async () => {
      const [from, to] = await talk(stage, bob, alice);
      const before = [from, to].map(saidIn);
      stage.home.server.call(() => stage.engine?.lose());
      await stage.network.run(40_000);
      const names = ["bob", "alice"];
      const anew = [from, to].flatMap((call, nth) =>
        saidIn(call) > (before[nth] ?? 0) ? [names[nth]] : [],
      );
      await stage.hangUp(from, to);
      return [`offered anew: ${anew.join(", ")}`, ...endsOf({ bob: from, alice: to })];
    });
  },
};

const saidIn = ({ media }: Call): number =>
  (media as unknown as { readonly said: readonly string[] }).said.length;

export const bridgedTransfer: Flow = {
  title: "A page puts a desk phone through that cannot be transferred: the server does it",
  source: "RFC 5589 §6, RFC 7092 §3.1.1",
  words: [
    "Bob's desk phone knows no REFER. Alice's page sends one all the same: to the server,",
    "whose dialog that is. The server calls Carol in Bob's name, tells Alice how far it is,",
    "and gives Carol her place: Bob is offered anew, in the dialog that he has.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  isBridged: true,
  ends: [
    "transfer: Transferred",
    "alice: SIP_TRANSFERRED by local",
    "bob: SIP_HUNG_UP by local",
    "carol: SIP_HUNG_UP by remote",
  ],
  async play(stage) {
    const { alice } = await people(stage, { alice: "page" });
    const plain = { isPlain: true };
    const { bob, carol } = await people(stage, { bob: "desk", carol: "desk" }, plain);
    return await stage.scene(async () => {
      const [from, to] = await talk(stage, alice, bob);
      const { all, end } = answering(stage, carol);
      const moved = transfer(from, carol.aor);
      const fate = await stage.patiently(fateOf(moved)).finally(end);
      await stage.patiently(from.ended);
      const taken = await talking(stage, all);
      await stage.network.run(3000);
      await stage.hangUp(to, taken);
      return [`transfer: ${fate}`, ...endsOf({ alice: from, bob: to, carol: taken })];
    });
  },
};

export const bridgedAttended: Flow = {
  title: "A page talks to a second desk phone first, and puts the first one through to it",
  source: "RFC 5589 §7, RFC 7092 §3.1.1",
  words: [
    "Alice's page is in a call with Bob, whom it holds, and in one with Carol: both phones",
    "are plain, and both calls go through the server. Her REFER has a Replaces that names her",
    "call with Carol, whose other end is the server, too: it has the two meet there, and",
    "calls nobody.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  isBridged: true,
  ends: [
    "transfer: Transferred",
    "alice with bob: SIP_TRANSFERRED by local",
    "alice with carol: SIP_REPLACED by remote",
    "bob: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice } = await people(stage, { alice: "page" });
    const plain = { isPlain: true };
    const { bob, carol } = await people(stage, { bob: "desk", carol: "desk" }, plain);
    return await stage.scene(async () => {
      const [first, bobs] = await talk(stage, alice, bob);
      await stage.patiently(first.hold());
      const [second, carols] = await talk(stage, alice, carol);
      const fate = await stage.patiently(fateOf(transfer(first, second)));
      await stage.patiently(Promise.all([first.ended, second.ended]));
      await stage.network.run(3000);
      await stage.hangUp(carols, bobs);
      const alices = { "alice with bob": first, "alice with carol": second };
      return [`transfer: ${fate}`, ...endsOf({ ...alices, bob: bobs, carol: carols })];
    });
  },
};

const LATE_ANSWER = [
  ...["v=0", "o=bob 1 1 IN IP4 203.0.113.60", "s=-", "c=IN IP4 203.0.113.60", "t=0 0"],
  ...["m=audio 40000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""],
].join("\r\n");

export const bridgedLateOffer: Flow = {
  title: "A gateway calls a page and makes no offer",
  source: "RFC 3261 §13.2.2.4, RFC 7092 §3.1.1",
  words: [
    "The INVITE has no offer, so the one in the 200 is the page's, made into what a gateway",
    "speaks; what that answers in its ACK is made into what the page speaks, and is in the",
    "server's ACK.",
  ],
  towers: ["gateway", "server", "alice"],
  isBridged: true,
  ends: ["gateway: SIP_HUNG_UP by remote", "alice: SIP_HUNG_UP by local"],
  async play(stage) {
    const { alice } = await people(stage, { alice: "page" });
    const gateway = await Desk.registered(stage, {
      ...{ user: "gateway", address: "203.0.113.60" },
      start: (agent, target, _, user) =>
        new LateOfferSession(agent, { target, answer: LATE_ANSWER, user, redirected() {} }),
    });
    stage.begin();
    return await stage.scene(async () => {
      const [from, to] = await stage.talk(gateway, alice);
      await stage.network.run(3000);
      await stage.hangUp(to, from);
      return endsOf({ gateway: from, alice: to });
    });
  },
};

export const connectedCall: Flow = {
  title: "The server calls two people, and has them talk",
  source: "RFC 3725 §4.3",
  words: [
    "Somebody at the server's terminal wants Alice and Bob to talk (`carillon connect`).",
    "Alice is called first, with no offer, and hears from the server while Bob is called as",
    "if by her. What Bob's phone offers goes to hers in a re-INVITE, and the answer back.",
  ],
  differs: ["The dialogs go through the server's own proxy, like those of any phone."],
  towers: ["alice", "server", "bob"],
  isBridged: true,
  ends: ["server: Talking", "alice: SIP_HUNG_UP by remote", "bob: SIP_HUNG_UP by local"],
  async play(stage) {
    const { alice, bob } = await people(stage, { alice: "page", bob: "desk" });
    return await stage.scene(async () => {
      const states: ConnectState["name"][] = [];
      const heard = ({ name }: ConnectState) => void states.push(name);
      const { all, end } = answering(stage, alice, bob);
      const asked = { first: alice.aor, second: bob.aor, account: "alice", heard };
      stage.home.server.call(() => stage.bridge?.connect(asked));
      for (let i = 0; i < 100 && !states.some(isSettled); i++) await stage.network.run(1000);
      end();
      const [toAlice, toBob] = [bob, alice].map(({ aor }) =>
        all.filter(({ peer }) => peer.uri === aor),
      );
      const hers = await talking(stage, toAlice ?? []);
      const his = await talking(stage, toBob ?? []);
      await stage.network.run(3000);
      const said = states.find(isSettled);
      await stage.hangUp(his, hers);
      return [`server: ${said}`, endOf("alice", hers), endOf("bob", his)];
    });
  },
};

const isSettled = (name: ConnectState["name"]): boolean => name === "Talking" || name === "Ended";
