/** Who may see whether one is here, and who asks to. */
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { ApiError } from "../api.ts";
import { useNames } from "../chat/use-names.ts";
import { Avatar } from "../look/avatar.tsx";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { plainName } from "../look/plain-name.ts";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { orderPeople } from "./people-order.ts";
import {
  type Asking,
  decide,
  type PresenceRules,
  putRules,
  readAsking,
  readRules,
  type WatcherAction,
} from "./presence-api.ts";
import { ACTION_WORDS, ACTIONS, actionFor, withRule } from "./rules-words.ts";

export interface RulesDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function RulesDialog({ open, onOpenChange }: RulesDialogProps): ReactNode {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Who sees you"
      description="Whether you are here, on the phone or away, and your note."
    >
      <Rules />
    </Dialog>
  );
}

function Rules(): ReactNode {
  const { people } = useSession();
  const others = orderPeople(useStore(people.people).list ?? []);
  const { rules, asking, error, save, answer } = useRules();
  if (rules === undefined) {
    return error === undefined ? (
      <p className="mt-6 text-ink-2">Looking…</p>
    ) : (
      <Trouble what={error.message} doThis={error.hint} />
    );
  }
  return (
    <>
      {asking.length > 0 && <AskingList asking={asking} onAnswer={answer} />}
      <Choice
        name="People of this house"
        action={rules.house}
        onChoose={(house) => save({ ...rules, house })}
      />
      <Choice
        name="Everybody else"
        action={rules.others}
        onChoose={(action) => save({ ...rules, others: action })}
      />
      {others.length > 0 && (
        <>
          <h3 className="mt-5 font-semibold">For one person</h3>
          <div className="max-h-60 overflow-y-auto">
            {others.map(({ aor, displayName }) => (
              <Choice
                key={aor}
                name={displayName}
                action={actionFor(rules, aor)}
                onChoose={(action) => save(withRule(rules, aor, action))}
              />
            ))}
          </div>
        </>
      )}
      {error !== undefined && <Trouble what={error.message} doThis={error.hint} />}
    </>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly action: WatcherAction;
  readonly onChoose: (action: WatcherAction) => void;
}

function Choice({ name, action, onChoose }: ChoiceProps): ReactNode {
  return (
    <label className="mt-3 flex min-h-11 items-center gap-3">
      <bdi className="line-clamp-2 min-w-0 flex-1 wrap-anywhere">{name}</bdi>
      <select
        value={action}
        onChange={(event) => onChoose(event.target.value as WatcherAction)}
        className="h-11 w-38 shrink-0 desk:w-44 rounded-card border border-edge bg-card px-2"
      >
        {ACTIONS.map((one) => (
          <option key={one} value={one}>
            {ACTION_WORDS[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

interface AskingListProps {
  readonly asking: readonly Asking[];
  readonly onAnswer: (who: string, action: "allow" | "polite-block") => void;
}

function AskingList({ asking, onAnswer }: AskingListProps): ReactNode {
  const nameOf = useNames();
  return (
    <ul aria-label="They ask to see you" className="mt-4 rounded-card bg-bronze-tint p-3">
      {asking.map(({ who }) => (
        <li key={who} className="flex flex-wrap items-center gap-2 py-1">
          <Avatar name={nameOf(who)} />
          <span className="min-w-0 flex-1">
            <bdi className="block truncate font-medium">{nameOf(who)}</bdi>
            <bdi className="block truncate font-mono text-small">{plainName(who)}</bdi>
          </span>
          <Button onClick={() => onAnswer(who, "polite-block")}>No</Button>
          <Button tone="primary" onClick={() => onAnswer(who, "allow")}>
            Let them
          </Button>
        </li>
      ))}
    </ul>
  );
}

function useRules() {
  const { seat } = useSession();
  const [rules, setRules] = useState<PresenceRules>();
  const [asking, setAsking] = useState<readonly Asking[]>([]);
  const [error, setError] = useState<ApiError>();
  const refused = useCallback((cause: unknown): void => {
    setError(cause instanceof ApiError ? cause : undefined);
  }, []);
  useEffect(() => {
    readRules(seat).then(setRules, refused);
    readAsking(seat).then((found) => setAsking(found.asking), refused);
  }, [seat, refused]);
  return {
    ...{ rules, asking, error },
    save(next: PresenceRules) {
      setError(undefined);
      putRules(seat, next).then(setRules, refused);
    },
    answer(who: string, action: "allow" | "polite-block") {
      setError(undefined);
      decide(seat, who, action).then((left) => {
        setAsking(left.asking);
        return readRules(seat).then(setRules);
      }, refused);
    },
  };
}
