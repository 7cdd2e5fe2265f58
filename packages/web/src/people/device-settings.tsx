/** What to type into a new phone. The password is here now and never again. */
import { type ReactNode, useState } from "react";
import type { NewDevice } from "../api.ts";
import { Button } from "../look/button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import { settingsOf } from "./device-words.ts";
import { QrCode } from "./qr-code.tsx";

export interface DeviceSettingsProps {
  readonly made: NewDevice;
  readonly onDone: () => void;
}

export function DeviceSettings({ made, onDone }: DeviceSettingsProps): ReactNode {
  const heading = useFocusOn<HTMLHeadingElement>(made.device.id);
  const [said, setSaid] = useState("");
  const copy = async (): Promise<void> => {
    // The clipboard exists on https and localhost only.
    const copied = await navigator.clipboard?.writeText(made.password).then(
      () => true,
      () => false,
    );
    setSaid(copied ? "The password is copied." : "Select the password and copy it.");
  };
  return (
    <div className="mt-5">
      <h3 ref={heading} tabIndex={-1} className="font-semibold outline-none">
        Type this into {made.device.label || "the phone"}
      </h3>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2">
        {settingsOf(made).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className="font-mono break-all select-all">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 text-small text-ink-2">
        The password is shown only now. Lost it? Remove the phone and connect it again.
      </p>
      <QrCode svg={made.qr} label="The same settings as a code for the camera of a phone" />
      <p role="status" className={said === "" ? "sr-only" : "mt-2 text-small"}>
        {said}
      </p>
      <div className="mt-5 flex gap-2">
        <Button className="flex-1" onClick={copy}>
          Copy password
        </Button>
        <Button tone="primary" className="flex-1" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
