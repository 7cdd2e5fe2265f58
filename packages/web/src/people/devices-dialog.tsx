/** A person's phones: connect a new one, see which are here, revoke one that is lost. */
import { Plus } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { ApiError, type Device, type NewDevice, readDevices } from "../api.ts";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { ClosedPageChoice } from "../wake/closed-page-choice.tsx";
import { DeviceRow } from "./device-row.tsx";
import { DeviceSettings } from "./device-settings.tsx";
import { NewDeviceForm } from "./new-device-form.tsx";

export interface DevicesDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function DevicesDialog({ open, onOpenChange }: DevicesDialogProps): ReactNode {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Your phones"
      description="Desk phones and apps that ring when somebody calls you, beside this page."
    >
      <Devices />
    </Dialog>
  );
}

const LOOK_MS = 3000;

type Step =
  | { readonly kind: "List" }
  | { readonly kind: "Naming" }
  | { readonly kind: "Made"; readonly made: NewDevice };

function Devices(): ReactNode {
  const { seat } = useSession();
  const [devices, setDevices] = useState<readonly Device[] | ApiError>();
  const [step, setStep] = useState<Step>({ kind: "List" });
  const look = useCallback(() => {
    readDevices(seat).then(
      (found) => setDevices(found.devices),
      (error: ApiError) => setDevices(error),
    );
  }, [seat]);
  useEffect(() => {
    look();
    // A phone that was just set up shows that it works.
    const again = setInterval(look, LOOK_MS);
    return () => clearInterval(again);
  }, [look]);
  const toList = (): void => {
    setStep({ kind: "List" });
    look();
  };
  if (step.kind === "Naming") {
    const onMade = (made: NewDevice): void => setStep({ kind: "Made", made });
    return <NewDeviceForm onMade={onMade} onBack={toList} />;
  }
  if (step.kind === "Made") return <DeviceSettings made={step.made} onDone={toList} />;
  if (devices === undefined) return <p className="mt-6 text-ink-2">Looking…</p>;
  if (devices instanceof ApiError) {
    return (
      <>
        <Trouble what={devices.message} doThis={devices.hint} />
        <Button className="mt-4 w-full" onClick={look}>
          Try again
        </Button>
      </>
    );
  }
  return (
    <>
      {devices.length === 0 ? (
        <p className="mt-5">No phone yet. Any phone that speaks SIP will do.</p>
      ) : (
        <ul aria-label="Your phones" className="mt-4 divide-y divide-line">
          {devices.map((device) => (
            <DeviceRow key={device.id} device={device} onRevoked={look} />
          ))}
        </ul>
      )}
      <Button tone="primary" className="mt-5 w-full" onClick={() => setStep({ kind: "Naming" })}>
        <Plus size={18} aria-hidden="true" />
        Connect a desk phone
      </Button>
      <ClosedPageChoice />
    </>
  );
}
