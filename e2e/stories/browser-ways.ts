/** What the library does about the way that sound takes, in a real browser. */
import type { Page } from "playwright-core";
import { openLaboratory } from "../laboratory.ts";
import type { Story } from "../story.ts";

export const browserWays: Story = {
  name: "Browser media: candidates that come later, ICE begun anew, early media of two devices",
  async tell(stage) {
    const page = await openLaboratory(stage);
    return [await trickles(page), await restarts(page), await previews(page)];
  },
};

//= RFC 8840 §4.1.2
//# If the initial Offer included the "ice-options:trickle" attribute, the Answerer MUST be prepared
//# for receiving trickled candidates later on.
/** An answer leaves without candidates, and what it lacks comes in fragments. */
function trickles(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const [alice, bob] = window.lab.pair();
    const fragments: string[] = [];
    bob.onfragment = (fragment) => {
      fragments.push(fragment);
      void alice.addFragment?.(fragment);
    };
    bob.trickles = true;
    const offer = await alice.offer();
    const candidates = (text: string) => text.split("a=candidate:").length - 1;
    if (candidates(offer) === 0) throw new Error("a first offer without candidates");
    if (!offer.includes("a=end-of-candidates")) throw new Error("and it does not say they are all");
    const answer = await bob.answer(offer);
    if (candidates(answer) > 0) throw new Error(`it answered with ${candidates(answer)}`);
    await alice.accept(answer);
    await window.lab.until("they are connected", () => alice.connected && bob.connected);
    await window.lab.hears(alice, "Alice hears Bob");
    const last = fragments.at(-1) ?? "";
    if (!last.includes("a=end-of-candidates")) throw new Error("the end was not told");
    alice.close();
    bob.close();
    return `${candidates(last)} candidates in ${fragments.length} fragments`;
  });
}

/** A later offer has ICE begin anew, both sides trickling, and sound goes on. */
function restarts(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const [alice, bob] = window.lab.pair();
    await window.lab.join(alice, bob);
    await window.lab.hears(bob, "Bob hears Alice");
    const ufrag = () => /a=ice-ufrag:(\S+)/.exec(alice.peerConnection.localDescription?.sdp ?? "");
    const before = ufrag()?.[1];
    alice.trickles = true;
    bob.trickles = true;
    const kept: string[] = [];
    alice.onfragment = (fragment) => void kept.push(fragment);
    bob.onfragment = (fragment) => void alice.addFragment?.(fragment);
    await alice.restart();
    const offer = await alice.offer();
    if (offer.includes("a=candidate:")) throw new Error("it waited for candidates");
    const answer = await bob.answer(offer);
    await alice.accept(answer);
    alice.onfragment = (fragment) => void bob.addFragment?.(fragment);
    for (const fragment of kept) await bob.addFragment?.(fragment);
    if (ufrag()?.[1] === before) throw new Error("ICE did not begin anew");
    await window.lab.hears(bob, "Bob hears Alice after the restart");
    await window.lab.hears(alice, "Alice hears Bob after the restart");
    alice.close();
    bob.close();
    return "restarted";
  });
}

/** Two devices ring and can be heard; the one that answers is who is heard in the end. */
function previews(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const [alice, desk] = window.lab.pair();
    const [mobile] = window.lab.pair();
    const offer = await alice.offer();
    const [one, other] = [await desk.answer(offer), await mobile.answer(offer)];
    await alice.preview(one);
    await window.lab.hears(alice, "Alice hears the desk phone before it answers");
    await alice.preview(other);
    const lost = new Promise((resolve) => {
      alice.onlost = resolve;
    });
    await alice.accept(other);
    // As a call does then: the way is looked for anew.
    await lost;
    await alice.restart();
    await alice.accept(await mobile.answer(await alice.offer()));
    await window.lab.until("the mobile is connected", () => mobile.connected);
    await window.lab.hears(alice, "Alice hears the mobile that has answered");
    await window.lab.hears(mobile, "and the mobile hears Alice");
    const state = alice.peerConnection.signalingState;
    for (const media of [alice, desk, mobile]) media.close();
    return `early media, then ${state}`;
  });
}
