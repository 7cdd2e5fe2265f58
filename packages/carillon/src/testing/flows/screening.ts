/** Calls that the operator lets nobody make or take. RFC 5359 §2.13, §2.14. */
import type { Policy } from "../../roles/policy.ts";
import { AUDIO, cast, dialled, endsOf } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";
import { byProxyOnly } from "./older-device.ts";

const BOB = "203.0.113.50";
const NEWS = "sip:news@house.example";

/** Whoever is called here is told no, and where to hear why. */
const refusing = (whom: string, why: string): Policy => ({
  route: ({ uri, method }) =>
    method === "INVITE" && uri.user === whom
      ? { kind: "Refuse", status: 403, why, moreAt: [NEWS] }
      : undefined,
});

export const screenedIn: Flow = {
  title: "Bob takes no calls from Alice, and an announcement tells her so",
  source: "RFC 5359 §2.13",
  words: [
    "Alice calls Bob's phone at its own address. It wants to be called by way of the house alone:",
    "305. So she calls him there, the house knows who she is, and that he does not want her calls:",
    "403, and where to hear more (Error-Info). She calls that, an announcement is played, and the",
    "server that plays it hangs up.",
  ],
  differs: [
    "A phone that has a server sends everything there; that Alice's first call goes past it she",
    "has said herself (`direct`), and that it follows no 305 by itself is why the second one is a",
    "call of its own, and not the first one's INVITE once more, with a Route. The announcement",
    "rings.",
  ],
  towers: ["alice", "server", "bob", "news"],
  policy: refusing("bob", "They take no calls from you"),
  ends: [
    "alice to bob's phone: SIP_REJECTED by remote, 305",
    "alice to bob: SIP_FORBIDDEN by remote, 403",
    "more is heard at: sip:news@house.example",
    "alice to the announcement: SIP_HUNG_UP by remote",
    "news: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, news } = await cast(stage, { alice: {}, news: {} });
    byProxyOnly(stage, "bob", BOB);
    return await stage.scene(async () => {
      const straight = await stage.refused(() =>
        alice.call(`sip:bob@${BOB}`, AUDIO, { direct: true }),
      );
      const second = await stage.refused(() => alice.call("sip:bob@house.example"));
      const [told, asked] = [await straight.ended, await second.ended];
      const [more = ""] = asked.moreAt ?? [];
      const [hears, plays] = await dialled(stage, news, () => alice.call(more));
      await stage.network.run(5000);
      await stage.hangUp(plays, hears);
      return [
        `${endOf("alice to bob's phone", straight)}, ${told.status}`,
        `${endOf("alice to bob", second)}, ${asked.status}`,
        `more is heard at: ${more}`,
        ...endsOf({ "alice to the announcement": hears, news: plays }),
      ];
    });
  },
};

export const screenedOut: Flow = {
  title: "The house does not let Alice call there",
  source: "RFC 5359 §2.14",
  words: [
    "Its operator refuses what is called, after it is known who calls: 403 in words, and where to",
    "hear more of it.",
  ],
  policy: refusing("carol", "Not from here"),
  ends: ["alice: SIP_FORBIDDEN by remote", "more is heard at: sip:news@house.example"],
  async play(stage) {
    const { alice } = await cast(stage, { alice: {} });
    const from = await stage.refused(() => alice.call("sip:carol@house.example"));
    const { moreAt = [] } = await from.ended;
    return [endOf("alice", from), `more is heard at: ${moreAt.join(", ")}`];
  },
};
