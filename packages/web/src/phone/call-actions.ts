/** What a person does in a call, and with several of them. */
import { type Call, type Input, type Mix, mix, type ScreenShare, shareScreen } from "carillon";
import { transfer } from "carillon/transfer";
import type { CallBook } from "./call-book.ts";
import type { Peer } from "./desk.ts";

export interface CallActions {
  hangUp(): void;
  toggleMuted(): void;
  toggleCamera(): Promise<void>;
  /** Puts the call on hold, or takes it back. */
  toggleHold(): Promise<void>;
  /** The call beside comes to the front; the one in front waits. */
  swap(callId: string): Promise<void>;
  /** All calls hear each other, until one ends or they are parted. */
  join(): Promise<void>;
  part(): Promise<void>;
  /** Puts the two others through to each other, and leaves both calls. */
  connect(): Promise<void>;
  /** Passes the call on to somebody else. */
  transfer(to: Peer): Promise<void>;
  /** A key of the keypad. */
  press(tone: string): Promise<void>;
  useInput(input: Input, deviceId: string): Promise<void>;
  toggleScreen(): Promise<void>;
}

export const callActions = (book: CallBook): CallActions => ({
  ...inCallActions(book),
  ...betweenCallActions(book),
});

type Between = "swap" | "join" | "part" | "connect" | "transfer";

/** What is done with the call in front. */
function inCallActions(book: CallBook): Omit<CallActions, Between> {
  let shared: ScreenShare | undefined;
  return {
    hangUp: () => book.active?.hangUp(),
    toggleMuted() {
      const media = book.active?.media;
      if (media === undefined) return;
      // In a joined call one is muted for all, or for nobody.
      const all = book.desk.read().joined ? [book.active, ...book.aside] : [book.active];
      const muted = !media.muted;
      for (const call of all) call?.media?.setMuted(muted);
    },
    async toggleCamera() {
      const media = book.active?.media;
      await media?.setCamera(!media.cameraOn).catch(book.sorry);
    },
    async toggleHold() {
      const call = book.active;
      if (call === undefined) return;
      await (isHeldByUs(call) ? call.resume() : call.hold()).catch(book.sorry);
    },
    press: async (tone) => book.active?.sendDtmf(tone).catch(book.sorry),
    async useInput(input, deviceId) {
      for (const call of [book.active, ...book.aside]) {
        await call?.media?.useInput(input, deviceId).catch(book.sorry);
      }
    },
    async toggleScreen() {
      const call = book.active;
      if (call?.media?.sharing) return shared?.stop().catch(book.sorry);
      if (call === undefined) return;
      shared = await shareScreen(call).catch((cause: unknown) => {
        book.sorry(cause);
        return undefined;
      });
    },
  };
}

/** What is done with several calls. */
function betweenCallActions(book: CallBook): Pick<CallActions, Between> {
  let mixed: Mix | undefined;
  const part = async (): Promise<void> => {
    mixed?.end();
    mixed = undefined;
    book.tell({ kind: "Joined", joined: false });
    await Promise.all(book.aside.map(hold));
  };
  return {
    async swap(callId) {
      const [before, next] = [book.active, book.call(callId)];
      if (before === undefined || next === undefined) return;
      if (book.desk.read().joined) await part().catch(book.sorry);
      book.tell({ kind: "Swapped", id: callId });
      await Promise.all([hold(before), resume(next)]).catch(book.sorry);
    },
    async join() {
      const all = [book.active, ...book.aside].filter((one) => one !== undefined);
      if (all.length < 2) return;
      await Promise.all(all.map(resume)).catch(book.sorry);
      const media = all.flatMap((call) => call.media ?? []);
      if (media.length < all.length) return;
      mixed?.end();
      mixed = mix(media);
      const muted = media[0]?.muted ?? false;
      for (const one of media) one.setMuted(muted);
      book.tell({ kind: "Joined", joined: true });
    },
    part: () => part().catch(book.sorry),
    async connect() {
      const [active, other] = [book.active, book.aside[0]];
      if (active === undefined || other === undefined) return;
      // Whoever waits is passed on to whom one has just spoken with.
      await pass(book, other, active, [active, other]);
    },
    async transfer(to) {
      const { active } = book;
      if (active === undefined) return;
      await hold(active).catch(() => {});
      await pass(book, active, to.uri, [active]);
    },
  };
}

/** `over` are the calls that end with it; they stay as they are if it fails. */
async function pass(
  book: CallBook,
  call: Call,
  to: Call | string,
  over: readonly Call[],
): Promise<void> {
  try {
    await transfer(call, to).done;
    for (const one of over) {
      book.quiet(one);
      one.hangUp();
    }
  } catch (cause) {
    book.sorry(cause);
  }
}

export async function hold(call: Call): Promise<void> {
  if (!isHeldByUs(call)) await call.hold();
}

export async function resume(call: Call): Promise<void> {
  if (isHeldByUs(call)) await call.resume();
}

export function isHeldByUs({ state }: Pick<Call, "state">): boolean {
  const held = "held" in state ? state.held : undefined;
  return held === "ByUs" || held === "ByBoth";
}
