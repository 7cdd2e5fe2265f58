/** Devices as they are offered to choose from. */

export type DeviceKind = "audioinput" | "audiooutput" | "videoinput";

export interface DeviceOption {
  readonly id: string;
  readonly label: string;
}

interface Device {
  readonly kind: string;
  readonly deviceId: string;
  readonly label: string;
}

const NAMES: Readonly<Record<DeviceKind, string>> = {
  audioinput: "Microphone",
  audiooutput: "Loudspeaker",
  videoinput: "Camera",
};

/** Of one kind, in the system's order; those without a name are counted. */
export const choicesOf = (devices: readonly Device[], kind: DeviceKind): readonly DeviceOption[] =>
  devices
    .filter((one) => one.kind === kind && one.deviceId !== "")
    .map(({ deviceId, label }, index) => ({
      id: deviceId,
      label: label === "" ? `${NAMES[kind]} ${index + 1}` : label,
    }));
