/** Asks the browser what is plugged in and allowed, without asking the person anything. */
import type { Device, Devices } from "./media-choice.ts";

export async function readDevices(): Promise<Devices> {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  const absent: Device = { present: false, permission: "prompt" };
  if (mediaDevices === undefined) return { secure: false, microphone: absent, camera: absent };
  const found = await mediaDevices.enumerateDevices().catch(() => undefined);
  const has = (kind: MediaDeviceKind): boolean =>
    found === undefined || found.some((device) => device.kind === kind);
  const [microphone, camera] = await Promise.all([permission("microphone"), permission("camera")]);
  return {
    secure: true,
    microphone: { present: has("audioinput"), permission: microphone },
    camera: { present: has("videoinput"), permission: camera },
  };
}

/** Browsers that cannot tell will ask, which is what "prompt" means. */
async function permission(name: "microphone" | "camera"): Promise<Device["permission"]> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch {
    return "prompt";
  }
}
