import type { Call } from "../../ua/call.ts";
import * as transferring from "../../ua/transferring.ts";
import { AUDIO, cast, dialled, endsOf, over, wishAt } from "./cast.ts";
import type { Flow } from "./flow.ts";
import { inPlaceOf } from "./taken-over.ts";
import { dialogAt, tellsDialogs } from "./watching.ts";

export const musicOnHold: Flow = {
  title: "Bob puts Alice on hold, and a server plays music to her",
  source: "RFC 5359 §2.3",
  words: [
    "Bob holds Alice, and asks the music server to call her in his place: a REFER outside of every",
    "call, with a Replaces in its Refer-To. Her phone takes the server's call and ends Bob's.",
    "To take her back he calls her himself, in place of the music.",
  ],
  differs: [
    "The RFC has Bob read the music's dialog out of the NOTIFY, whose body repeats the headers of",
    "Alice's 200. A phone here tells of the status line alone (RFC 3515 §5.2 warns of more), so he",
    "asks the server for it (SUBSCRIBE with Expires: 0), as Carol does in the RFC's Call Park.",
    "Contacts have no +sip.rendering, +sip.byeless and automaton. In the end Bob hangs up.",
  ],
  towers: ["alice", "server", "bob", "music"],
  ends: [
    "asking: Transferred",
    "alice to bob: SIP_REPLACED by remote",
    "bob: SIP_REPLACED by remote",
    "alice with the music: SIP_REPLACED by remote",
    "music: SIP_REPLACED by remote",
    "alice, taken back: SIP_HUNG_UP by remote",
    "bob again: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const { alice, bob, music } = await cast(stage, { alice: {}, bob: {}, music: {} });
    tellsDialogs(music, bob);
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      await stage.network.run(2000);
      await stage.patiently(bobs.hold());
      const ask = () => transferring.refer(bob, music.aor, inPlaceOf(bobs, alice.aor));
      const [wish, asked] = await wishAt(stage, music, ask);
      const [plays, hears] = await dialled(stage, alice, () => wish.accept() as Call);
      const asking = await stage.patiently(asked);
      await over(stage, first, bobs);
      await stage.network.run(10_000);
      const { peer, dialog } = await dialogAt(stage, bob, music, "confirmed");
      const takeBack = () => bob.call(peer, AUDIO, transferring.replacing(dialog));
      const [again, taken] = await dialled(stage, alice, takeBack);
      await over(stage, hears, plays);
      await stage.network.run(2000);
      await stage.hangUp(again, taken);
      return [
        `asking: ${asking}`,
        ...endsOf({ "alice to bob": first, bob: bobs }),
        ...endsOf({ "alice with the music": hears, music: plays }),
        ...endsOf({ "alice, taken back": taken, "bob again": again }),
      ];
    });
  },
};
