/** Microphones and cameras: asked for, and why they were not to be had, in words. */

export type Input = "microphone" | "camera";
export type Kind = "audio" | "video";
export const KINDS: readonly Kind[] = ["audio", "video"];

export const kindOf = (input: Input): Kind => (input === "camera" ? "video" : "audio");
export const inputOf = (kind: Kind): Input => (kind === "video" ? "camera" : "microphone");

/**
 * One track of a microphone or camera: of this device, or of the one that the browser prefers.
 * Rejects with an Error whose message is for people.
 */
export async function openInput(input: Input, deviceId?: string): Promise<MediaStreamTrack> {
  const wanted = deviceId === undefined ? true : { deviceId: { exact: deviceId } };
  const stream = await devices()
    .getUserMedia({ [kindOf(input)]: wanted })
    .catch((cause: unknown) => {
      throw inWords(cause, input);
    });
  const [track, ...others] = stream.getTracks();
  for (const one of others) one.stop();
  if (!track) throw new Error(`No ${input} was found. Plug one in and try again.`);
  return track;
}

/** Both at once, so that the browser asks once; the voice alone if there is no camera to be had. */
export async function openInputs(video: boolean): Promise<readonly MediaStreamTrack[]> {
  if (!video) return [await openInput("microphone")];
  const stream = await devices()
    .getUserMedia({ audio: true, video: true })
    .catch(() => undefined);
  return stream?.getTracks() ?? [await openInput("microphone")];
}

function devices(): MediaDevices {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  if (mediaDevices) return mediaDevices;
  throw new Error("This page may not use a microphone: open it over https or localhost.");
}

function inWords(cause: unknown, input: Input): Error {
  switch (cause instanceof DOMException ? cause.name : "") {
    case "NotAllowedError":
      return new Error(
        `The browser was told not to use the ${input}. Allow it in the address bar.`,
      );
    case "NotFoundError":
    case "OverconstrainedError":
      return new Error(`No ${input} was found. Plug one in and try again.`);
    case "NotReadableError":
      return new Error(`Another program is using the ${input}.`);
    default:
      return cause instanceof Error ? cause : new Error(String(cause));
  }
}
