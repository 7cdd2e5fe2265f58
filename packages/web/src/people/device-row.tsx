/** One phone in the list, with the way to be rid of it. */
import { type ReactNode, useState } from "react";
import { ApiError, type Device, revokeDevice } from "../api.ts";
import { Button } from "../look/button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { deviceName, deviceState } from "./device-words.ts";

export interface DeviceRowProps {
  readonly device: Device;
  readonly onRevoked: () => void;
}

export function DeviceRow({ device, onRevoked }: DeviceRowProps): ReactNode {
  const [asked, setAsked] = useState(false);
  const name = deviceName(device);
  return (
    <li className="py-3">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{name}</p>
          <p className={`text-small ${device.here ? "text-live" : "text-ink-2"}`}>
            {deviceState(device)}
          </p>
        </div>
        {!asked && (
          <Button aria-label={`Remove ${name}`} onClick={() => setAsked(true)}>
            Remove
          </Button>
        )}
      </div>
      {asked && <Question device={device} onRevoked={onRevoked} onKeep={() => setAsked(false)} />}
    </li>
  );
}

function Question({
  device,
  onRevoked,
  onKeep,
}: DeviceRowProps & { readonly onKeep: () => void }): ReactNode {
  const { seat } = useSession();
  const [error, setError] = useState<ApiError>();
  const keep = useFocusOn<HTMLButtonElement>(device.id);
  const revoke = (): void => {
    revokeDevice(seat, device.id).then(onRevoked, (refused: unknown) =>
      setError(refused instanceof ApiError ? refused : undefined),
    );
  };
  return (
    <div className="mt-2">
      <p>It stops ringing at once, and its password means nothing any more.</p>
      {error !== undefined && <Trouble what={error.message} doThis={error.hint} />}
      <div className="mt-3 flex gap-2">
        <Button ref={keep} className="flex-1" onClick={onKeep}>
          Keep
        </Button>
        <Button tone="stop" className="flex-1" onClick={revoke}>
          Remove {deviceName(device)}
        </Button>
      </div>
    </div>
  );
}
