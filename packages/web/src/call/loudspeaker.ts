/** Where calls are heard: chosen by the person, kept for the next call. */
import { createStore, type Store } from "../store.ts";

const KEY = "carillon.loudspeaker";

/** A device's id; empty is the system's own choice. */
export const loudspeaker: Store<string> = createStore(localStorage.getItem(KEY) ?? "");

loudspeaker.subscribe(() => localStorage.setItem(KEY, loudspeaker.read()));

export const canChooseLoudspeaker = (): boolean => "setSinkId" in HTMLMediaElement.prototype;

/** One that is gone is no reason to hear nothing: the system chooses then. */
export async function playOn(element: HTMLMediaElement, id: string): Promise<void> {
  if (!canChooseLoudspeaker()) return;
  await element.setSinkId(id).catch(() => element.setSinkId("").catch(() => {}));
}
