/** Which microphone, camera and loudspeaker: switched at once, in the middle of the call. */
import type { Input, WebMedia } from "carillon";
import { type ReactNode, useEffect, useId, useState } from "react";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { choicesOf, type DeviceKind, type DeviceOption } from "./device-options.ts";
import { canChooseLoudspeaker, loudspeaker } from "./loudspeaker.ts";

export function DeviceChoice({ media }: { readonly media: WebMedia }): ReactNode {
  const { phone } = useSession();
  const devices = useDevices();
  const speaker = useStore(loudspeaker);
  // Read again with every change of tracks.
  useStore(phone.desk);
  const used = (kind: "audio" | "video"): string | undefined =>
    media.local
      .getTracks()
      .find((track) => track.kind === kind)
      ?.getSettings().deviceId;
  const use = (input: Input) => (id: string) => void phone.useInput(input, id);
  const all = (kind: DeviceKind) => choicesOf(devices, kind);
  return (
    <div className="flex flex-col gap-3 px-2 pb-2">
      <Choice
        label="Microphone"
        options={all("audioinput")}
        value={used("audio")}
        onChoose={use("microphone")}
      />
      {media.cameraOn && (
        <Choice
          label="Camera"
          options={all("videoinput")}
          value={used("video")}
          onChoose={use("camera")}
        />
      )}
      {canChooseLoudspeaker() && (
        <Choice
          label="Loudspeaker"
          options={all("audiooutput")}
          value={speaker}
          onChoose={(id) => loudspeaker.write(id)}
        />
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly DeviceOption[];
  readonly value: string | undefined;
  readonly onChoose: (id: string) => void;
}

function Choice({ label, options, value, onChoose }: ChoiceProps): ReactNode {
  const id = useId();
  return (
    <p>
      <label htmlFor={id} className="block text-small text-ink-2">
        {label}
      </label>
      <select
        id={id}
        value={value ?? ""}
        onChange={(event) => onChoose(event.target.value)}
        className="mt-1 h-11 w-full rounded-card border border-edge bg-card px-3 text-[16px]
          desk:text-body"
      >
        {options.some((one) => one.id === value) || <option value={value ?? ""}>In use</option>}
        {options.map((one) => (
          <option key={one.id} value={one.id}>
            {one.label}
          </option>
        ))}
      </select>
    </p>
  );
}

/** What is plugged in, as it comes and goes. */
function useDevices(): readonly MediaDeviceInfo[] {
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    const { mediaDevices } = navigator;
    const look = (): void => void mediaDevices.enumerateDevices().then(setDevices, () => {});
    look();
    mediaDevices.addEventListener("devicechange", look);
    return () => mediaDevices.removeEventListener("devicechange", look);
  }, []);
  return devices;
}
