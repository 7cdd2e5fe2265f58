/** What one says of oneself: how one is, and a note. */
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "../api.ts";
import { Button } from "../look/button.tsx";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { type OwnStatus, STATUSES, type Status } from "./presence-api.ts";

export const STATUS_TONES = {
  online: "live",
  busy: "busy",
  away: "away",
  offline: "off",
} as const satisfies Record<Status, unknown>;

const WORDS: Readonly<Record<Status, string>> = {
  online: "Online",
  busy: "Busy",
  away: "Away",
  offline: "Seen by nobody",
};

/** As the house takes them. */
const MOST_NOTE = 200;

export function OwnStatusForm(): ReactNode {
  const { presence } = useSession();
  const own = useStore(presence.own);
  // Without an answer of the house there is nothing to change.
  return own === undefined ? null : <StatusForm own={own} />;
}

function StatusForm({ own }: { readonly own: OwnStatus }): ReactNode {
  const { presence } = useSession();
  const [note, setNote] = useState(own.note);
  const [error, setError] = useState<ApiError>();
  const say = (change: Partial<OwnStatus>): void => {
    setError(undefined);
    presence.say({ ...own, until: null, ...change }).catch((refused: unknown) => {
      setError(refused instanceof ApiError ? refused : undefined);
    });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    say({ note: note.trim() });
  };
  return (
    <form onSubmit={submit} className="mt-3">
      <label className="block">
        <span className="text-small text-ink-2">Others see you as</span>
        <select
          value={own.status}
          onChange={(event) => say({ status: event.target.value as Status })}
          className="mt-1 h-11 w-full rounded-card border border-edge bg-card px-3"
        >
          {STATUSES.map((status) => (
            <option key={status} value={status}>
              {WORDS[status]}
            </option>
          ))}
        </select>
      </label>
      <span className="mt-2 flex gap-2">
        <input
          aria-label="Note beside your name"
          placeholder="A note, if you like"
          value={note}
          onChange={(event) => setNote(event.target.value)}
          maxLength={MOST_NOTE}
          dir="auto"
          autoComplete="off"
          className="h-11 min-w-0 flex-1 rounded-card border border-edge bg-card px-3 text-[16px]
            desk:text-body"
        />
        <Button type="submit" disabled={note.trim() === own.note}>
          Say
        </Button>
      </span>
      {error !== undefined && <Trouble what={error.message} doThis={error.hint} />}
    </form>
  );
}
