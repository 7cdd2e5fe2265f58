/**
 * Whether a call can have sound and picture on this machine: what is plugged in and what the
 * browser was told it may use, turned into a choice or into words that say what to do.
 */

export interface Devices {
  /** Browsers hand out microphones on https and on localhost only. */
  readonly secure: boolean;
  readonly microphone: Device;
  readonly camera: Device;
}

export interface Device {
  readonly present: boolean;
  readonly permission: "granted" | "prompt" | "denied";
}

export type MediaChoice =
  | { readonly ok: true; readonly video: boolean; readonly notice?: string }
  | { readonly ok: false; readonly what: string; readonly doThis: string };

export function chooseMedia(devices: Devices, wantsVideo: boolean): MediaChoice {
  const { secure, microphone, camera } = devices;
  if (!secure) return insecure;
  if (!microphone.present) return noMicrophone;
  if (microphone.permission === "denied") return microphoneRefused;
  if (!wantsVideo) return { ok: true, video: false };
  if (!camera.present) return voiceOnly("There is no camera here, so this is a voice call.");
  if (camera.permission === "denied") {
    return voiceOnly("This page may not use your camera, so this is a voice call.");
  }
  return { ok: true, video: true };
}

/** What stood in the way after the browser was asked; undefined if it is nothing one can see. */
export function mediaFailure(devices: Devices): string | undefined {
  const choice = chooseMedia(devices, false);
  return choice.ok ? undefined : `${choice.what} ${choice.doThis}`;
}

const voiceOnly = (notice: string): MediaChoice => ({ ok: true, video: false, notice });

const insecure: MediaChoice = {
  ok: false,
  what: "The browser gives no microphone to this address.",
  doThis: "Open the page with https:// or on http://localhost, then call again.",
};

const noMicrophone: MediaChoice = {
  ok: false,
  what: "There is no microphone here.",
  doThis: "Plug one in or turn it on, then try again.",
};

const microphoneRefused: MediaChoice = {
  ok: false,
  what: "This page may not use your microphone.",
  doThis: "Click the icon beside the page’s address, allow the microphone, then try again.",
};
