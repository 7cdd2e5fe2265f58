/** A screen, a window or a tab in place of one's own picture, and back. */
import type { Call } from "../ua/call.ts";
import type { WebMedia } from "./web-media.ts";

/** A screen that is shown in a call. */
export interface ScreenShare {
  /** Resolves once the screen is not shown any more, whoever ended that. */
  readonly ended: Promise<void>;
  /** Shows again what was shown before: the camera, or nothing. */
  stop(): Promise<void>;
}

/**
 * Asks the person for a screen and shows it; a voice call has a picture as long as that lasts. Has
 * to be called from a click. Rejects with an Error in words, and then nothing has changed.
 */
export async function shareScreen(call: Call<WebMedia>): Promise<ScreenShare> {
  const { media } = call;
  if (!media) throw new Error("There is nothing to be shown in before the call has begun.");
  const track = await openScreen();
  const before = { camera: media.cameraOn, picture: media.hasPicture };
  await media.share(track);
  if (!before.picture) {
    await call.change({ video: true }).catch(async (cause: unknown) => {
      await media.stopSharing();
      throw cause;
    });
  }
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const watching = new AbortController();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    watching.abort();
    await media.stopSharing();
    resolve();
    if (call.state.name !== "Established") return;
    if (!before.picture) await call.change({ video: false });
    else if (before.camera) await media.setCamera(true);
  };
  const share: ScreenShare = {
    ended,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
  // The browser has a button of its own that ends it.
  const { signal } = watching;
  track.addEventListener("ended", () => void share.stop().catch(() => {}), { signal });
  const look = (): void => {
    if (media.sharing) return;
    // Something else is shown by now, or the call is over: there is nothing to go back to.
    watching.abort();
    stopping ??= Promise.resolve();
    resolve();
  };
  media.on("change", look, { signal });
  return share;
}

async function openScreen(): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices
    .getDisplayMedia({ video: true })
    .catch((cause: unknown) => {
      const isRefused = cause instanceof DOMException && cause.name === "NotAllowedError";
      throw new Error(isRefused ? "No screen was chosen." : "This browser cannot show a screen.");
    });
  const [track] = stream.getVideoTracks();
  if (!track) throw new Error("No screen was chosen.");
  // Letters stay sharp where movement need not be smooth.
  track.contentHint = "detail";
  return track;
}
