import { expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { answerTo } from "../testing/lone-phone.ts";
import {
  ANSWER,
  type OutgoingScript,
  SDP_LINE,
  THEIR_CONTACT,
  talking,
} from "../testing/scripted-call.ts";
import { silentMedia } from "../testing/silent-media.ts";
import type { MediaSession, Wish } from "./media.ts";

/** Media that note what is wanted, and what was wanted when they offered. */
function noting() {
  let wish: Wish | undefined;
  const offered: string[] = [];
  const inWords = () => `${wish?.held ? "held" : "flows"} ${wish?.video ? "video" : "voice"}`;
  const media = (): MediaSession => ({
    ...silentMedia(),
    async want(wanted) {
      // A camera takes its time.
      for (let i = 0; i < 5; i++) await Promise.resolve();
      wish = wanted;
    },
    async offer() {
      offered.push(inWords());
      return silentMedia().offer();
    },
  });
  return { media, offered, wish: () => inWords() };
}

/** Answers the re-INVITEs that are out, one after the other, until none comes. */
async function answerAll(it: OutgoingScript, statusOf: (nth: number) => number): Promise<number> {
  for (let nth = 0; ; nth++) {
    const [invite] = it.requests("INVITE");
    if (!invite) return nth;
    const parts = { ...ANSWER, lines: [THEIR_CONTACT, SDP_LINE] };
    const status = statusOf(nth);
    await it.say(answerTo(invite, status, status === 200 ? parts : { toTag: "b1" }));
    await it.wait(5000);
  }
}

test("RFC 3264 §8 hold and video at once are one queue, and both come to be", async () => {
  const { media, offered, wish } = noting();
  const it = await talking(ANSWER, media());
  const all = [it.call.hold(), it.call.change({ video: true }), it.call.change({ audio: true })];
  await it.wait(0);
  const exchanges = await answerAll(it, () => 200);
  await Promise.all(all);
  expect(wish()).toBe("held video");
  expect(offered.at(-1)).toBe("held video");
  // What was wanted while one was on its way went out together.
  expect(exchanges).toBeLessThanOrEqual(2);
});

test("RFC 3261 §14.1 a 491 is tried again by itself, with all that is wanted by then", async () => {
  const { media, offered, wish } = noting();
  const it = await talking(ANSWER, media());
  const all = [it.call.hold(), it.call.change({ video: true })];
  await it.wait(0);
  await answerAll(it, (nth) => (nth === 0 ? 491 : 200));
  await Promise.all(all);
  expect([wish(), offered.at(-1)]).toEqual(["held video", "held video"]);
});

test("what is refused is taken back, and what was wanted beside it stays", async () => {
  const { media, wish } = noting();
  const it = await talking(ANSWER, media());
  const held = it.call.hold();
  await it.wait(0);
  await answerAll(it, () => 200);
  await held;
  const video = it.call.change({ video: true });
  video.catch(() => {});
  await it.wait(0);
  await answerAll(it, () => 488);
  await expect(video).rejects.toThrow();
  expect(wish()).toBe("held voice");
});

test("both sides change several things at the same moment, and all of it comes to be", async () => {
  const [ours, theirs] = [noting(), noting()];
  const home = house();
  const alice = await home.signedIn("alice", "ws", { media: ours.media });
  const bob = await home.signedIn("bob", "ws", { media: theirs.media });
  const { from, to } = await home.talk(alice, bob);
  await home.network.until(
    Promise.all([from.hold(), to.change({ video: true }), from.change({ video: true }), to.hold()]),
  );
  expect([ours.wish(), theirs.wish()]).toEqual(["held video", "held video"]);
});
