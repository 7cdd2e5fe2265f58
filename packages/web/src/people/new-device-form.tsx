/** What to call a new phone, and whether it is an old one. */
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError, addDevice, type NewDevice } from "../api.ts";
import { Button } from "../look/button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";

export interface NewDeviceFormProps {
  readonly onMade: (made: NewDevice) => void;
  readonly onBack: () => void;
}

export function NewDeviceForm({ onMade, onBack }: NewDeviceFormProps): ReactNode {
  const { seat } = useSession();
  const [label, setLabel] = useState("");
  const [isDeskPhone, setIsDeskPhone] = useState(true);
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const box = useFocusOn<HTMLInputElement>(seat);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    addDevice(seat, { label, deskPhone: isDeskPhone }).then(onMade, (refused: unknown) => {
      setBusy(false);
      setError(refused instanceof ApiError ? refused : undefined);
    });
  };
  return (
    <form onSubmit={submit} className="mt-5">
      <label htmlFor="device-label" className="font-medium">
        Where is it?
      </label>
      <input
        id="device-label"
        ref={box}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
        maxLength={64}
        placeholder="Kitchen"
        autoComplete="off"
        className="mt-1 h-11 w-full rounded-card border border-edge bg-sky px-3"
      />
      <label className="mt-4 flex min-h-11 items-start gap-3">
        <input
          type="checkbox"
          checked={isDeskPhone}
          onChange={(event) => setIsDeskPhone(event.target.checked)}
          className="size-6 shrink-0 accent-bronze"
        />
        <span>
          It is a desk phone
          <span className="block text-small text-ink-2">
            Most of them know older passwords (MD5) only. Leave it out for a new app.
          </span>
        </span>
      </label>
      {error !== undefined && <Trouble what={error.message} doThis={error.hint} />}
      <div className="mt-5 flex gap-2">
        <Button className="flex-1" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" tone="primary" className="flex-1" disabled={busy}>
          Make a password
        </Button>
      </div>
    </form>
  );
}
