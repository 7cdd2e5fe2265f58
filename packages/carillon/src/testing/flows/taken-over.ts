/** Calls that others take: parked, picked up, handed on by a message, dialled by a click. */
import { formatReplaces } from "../../message/header/replaces.ts";
import type { Call } from "../../ua/call.ts";
import { mirrored } from "../../ua/claim.ts";
import { escapeUriHeader } from "../../uri/escape.ts";
import type { Flow } from "./flow.ts";
import { endOf } from "./flow-stage.ts";
import { fateOf } from "./transfer-scene.ts";

const AUDIO = { audio: true, video: false };

/** What names the dialog of a call as this end of it sees it. */
function dialogOf({ dialog }: Call) {
  if (!dialog) throw new Error("this call has no dialog yet");
  return dialog;
}

/** A URI that calls the other side of this call, in its place. */
function inPlaceOf(call: Call, aor: string): string {
  const replaces = formatReplaces({ ...mirrored(dialogOf(call)), earlyOnly: false });
  return `${aor}?Replaces=${escapeUriHeader(replaces)}`;
}

export const transferByMessage: Flow = {
  title: "Bob hands his call on by a message",
  source: "RFC 5359 §2.6",
  words: [
    "Bob wants Carol to take his call with Alice. He writes her a URI that names",
    "Alice and the call.",
    "She clicks on it: her phone asks itself to call, and Alice's answers it in place of Bob's.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  ends: [
    "alice to bob: SIP_REPLACED by remote",
    "bob: SIP_REPLACED by remote",
    "alice to carol: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const [alice, bob] = [await stage.signedIn("alice"), await stage.signedIn("bob")];
    const carol = await stage.signedIn("carol");
    stage.begin();
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      const written = carol.messages();
      const sent = bob.message(carol.aor, inPlaceOf(bobs, alice.aor));
      const read = Promise.all([written.next(), sent]);
      const [{ value: message }] = await stage.patiently(read);
      message.accept?.();
      void written.return?.();
      let carols: Call | undefined;
      const taken = await stage.comes(alice, () => {
        carols = carol.call(message.body, AUDIO);
        return carols.answered;
      });
      if (!carols) throw new Error("nobody has called");
      for (const call of [first, bobs]) await stage.patiently(call.ended);
      await stage.patiently(carols.answered);
      await stage.hangUp(carols, taken);
      return [
        ...[endOf("alice to bob", first), endOf("bob", bobs)],
        ...[endOf("alice to carol", taken), endOf("carol", carols)],
      ];
    });
  },
};

export const callPickup: Flow = {
  title: "Carol picks up the call that rings at Bob's",
  source: "RFC 5359 §2.16",
  words: [
    "Bob's phone rings and he is not there. Carol, who sees which call it is, calls",
    "Alice in its place.",
    "Alice's phone takes hers and gives the other up. (How Carol's phone learns of",
    "the call, by the",
    "dialog event package, is not drawn here.)",
  ],
  towers: ["alice", "server", "bob", "carol"],
  ends: [
    "alice to bob: SIP_REPLACED by remote",
    "bob: SIP_CANCELLED by remote",
    "alice to carol: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const [alice, bob] = [await stage.signedIn("alice"), await stage.signedIn("bob")];
    const carol = await stage.signedIn("carol");
    stage.begin();
    return await stage.scene(async () => {
      const [first, bobs] = await stage.ringHeard(alice, bob);
      let carols: Call | undefined;
      const taken = await stage.comes(alice, () => {
        const replaces = { ...dialogOf(bobs), earlyOnly: true };
        carols = carol.call(alice.aor, AUDIO, { replaces });
        return carols.answered;
      });
      if (!carols) throw new Error("nobody has called");
      for (const call of [first, bobs]) await stage.patiently(call.ended);
      await stage.patiently(carols.answered);
      await stage.hangUp(carols, taken);
      return [
        ...[endOf("alice to bob", first), endOf("bob", bobs)],
        ...[endOf("alice to carol", taken), endOf("carol", carols)],
      ];
    });
  },
};

export const callPark: Flow = {
  title: "Bob parks his call, and Carol takes it from there",
  source: "RFC 5359 §2.15",
  words: [
    "Bob asks the phone at the park to call Alice in his place: a REFER outside of every call.",
    "Hers answers by itself and waits there. Carol takes the call from her own",
    "phone, in place of the",
    "park's. (Which call it is she knows by the dialog event package, which is not drawn here.)",
  ],
  towers: ["alice", "server", "bob", "park", "carol"],
  ends: [
    "parking: Transferred",
    "alice to bob: SIP_REPLACED by remote",
    "bob: SIP_REPLACED by remote",
    "alice at the park: SIP_REPLACED by remote",
    "park: SIP_REPLACED by remote",
    "alice to carol: SIP_HUNG_UP by remote",
    "carol: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const [alice, bob] = [await stage.signedIn("alice"), await stage.signedIn("bob")];
    const [park, carol] = [await stage.signedIn("park"), await stage.signedIn("carol")];
    stage.begin();
    return await stage.scene(async () => {
      const [first, bobs] = await stage.talk(alice, bob);
      const wishes = park.transfers();
      const asked = fateOf(bob.refer(park.aor, inPlaceOf(bobs, alice.aor)));
      asked.catch(() => {});
      const refused = asked.then(() => new Promise<never>(() => {}));
      const { value: wish } = await stage.patiently(Promise.race([wishes.next(), refused]));
      void wishes.return?.();
      let parks: Call | undefined;
      const waiting = await stage.comes(alice, () => {
        parks = wish.accept() as Call;
        return parks.answered;
      });
      if (!parks) throw new Error("nobody has called");
      await stage.patiently(parks.answered);
      const parking = await stage.patiently(asked);
      for (const call of [first, bobs]) await stage.patiently(call.ended);
      await stage.network.run(5000);
      let carols: Call | undefined;
      const { dialog } = parks;
      if (!dialog) throw new Error("a call that goes on has a dialog");
      const taken = await stage.comes(alice, () => {
        carols = carol.call(alice.aor, AUDIO, { replaces: dialog });
        return carols.answered;
      });
      if (!carols) throw new Error("nobody has called");
      for (const call of [waiting, parks]) await stage.patiently(call.ended);
      await stage.patiently(carols.answered);
      await stage.hangUp(carols, taken);
      return [
        ...[`parking: ${parking}`, endOf("alice to bob", first), endOf("bob", bobs)],
        ...[endOf("alice at the park", waiting), endOf("park", parks)],
        ...[endOf("alice to carol", taken), endOf("carol", carols)],
      ];
    });
  },
};

export const clickToDial: Flow = {
  title: "A click in Alice's browser has Bob's phone call Carol",
  source: "RFC 5359 §2.18",
  words: [
    "Alice's page sends a REFER outside of every call, to the phone on the desk.",
    "Whoever is there agrees to it, and the page hears how the call goes.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  ends: ["the click: Transferred", "bob: SIP_HUNG_UP by local", "carol: SIP_HUNG_UP by remote"],
  async play(stage) {
    const [alice, bob] = [await stage.signedIn("alice", "ws"), await stage.signedIn("bob")];
    const carol = await stage.signedIn("carol");
    stage.begin();
    return await stage.scene(async () => {
      const wishes = bob.transfers();
      const asked = fateOf(alice.refer(bob.aor, carol.aor));
      asked.catch(() => {});
      const refused = asked.then(() => new Promise<never>(() => {}));
      const { value: wish } = await stage.patiently(Promise.race([wishes.next(), refused]));
      void wishes.return?.();
      let bobs: Call | undefined;
      const carols = await stage.answers(carol, () => {
        bobs = wish.accept() as Call;
        return bobs.answered;
      });
      if (!bobs) throw new Error("nobody has called");
      await stage.patiently(bobs.answered);
      const click = await stage.patiently(asked);
      await stage.network.run(2000);
      await stage.hangUp(bobs, carols);
      return [`the click: ${click}`, endOf("bob", bobs), endOf("carol", carols)];
    });
  },
};
