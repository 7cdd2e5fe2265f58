/** Whether this browser rings while the page is closed, and which others of this person do. */
import { type ReactNode, useEffect } from "react";
import { Button } from "../look/button.tsx";
import { Trouble } from "../pages/trouble.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import type { Wakeful } from "./closed-page.ts";
import type { ClosedPage } from "./wake-api.ts";

export function ClosedPageChoice(): ReactNode {
  const { closedPage } = useSession();
  const state = useStore(closedPage.state);
  useEffect(() => void closedPage.look(), [closedPage]);
  if (state.name === "Unknown") return null;
  return (
    <section aria-labelledby="closed-page" className="mt-6 border-t border-line pt-4">
      <h3 id="closed-page" className="font-medium">
        When this page is closed
      </h3>
      {state.name === "Impossible" ? (
        <Trouble what={state.what} doThis={state.doThis} />
      ) : (
        <Choice state={state} />
      )}
    </section>
  );
}

type Possible = Extract<Wakeful, { readonly pages: unknown }>;

function Choice({ state }: { readonly state: Possible }): ReactNode {
  const { closedPage } = useSession();
  const { name, showsWords, pages, trouble } = state;
  const others = pages.filter(({ isThis }) => !isThis);
  const isOn = name === "On";
  return (
    <>
      <p className="mt-1 text-small text-ink-2">
        {isOn
          ? "This device rings by a notification of your browser, and tells of messages."
          : "Nobody can call you here. Your browser can ring by a notification instead."}
      </p>
      {trouble !== undefined && <Trouble what={trouble.what} doThis={trouble.doThis} />}
      <Button
        tone={isOn ? "plain" : "primary"}
        className="mt-3 w-full"
        disabled={name === "Changing"}
        onClick={() => void (isOn ? closedPage.turnOff() : closedPage.turnOn(false))}
      >
        {isOn ? "Do not ring when the page is closed" : "Ring this device when the page is closed"}
      </Button>
      {isOn && (
        <label className="mt-3 flex min-h-11 items-center gap-3">
          <input
            type="checkbox"
            className="size-5 accent-bronze"
            checked={showsWords}
            onChange={(event) => void closedPage.turnOn(event.target.checked)}
          />
          Show what messages say
        </label>
      )}
      {others.length > 0 && (
        <ul aria-label="Other browsers of yours that ring" className="mt-3 divide-y divide-line">
          {others.map((page) => (
            <OtherPage key={page.id} page={page} />
          ))}
        </ul>
      )}
    </>
  );
}

function OtherPage({ page: { id, createdAt } }: { readonly page: ClosedPage }): ReactNode {
  const { closedPage } = useSession();
  const day = new Date(createdAt).toLocaleDateString(undefined, { day: "numeric", month: "long" });
  return (
    <li className="flex items-center gap-3 py-3">
      <p className="min-w-0 flex-1 text-small">Another browser, since {day}</p>
      <Button
        aria-label={`Remove the browser of ${day}`}
        onClick={() => void closedPage.remove(id)}
      >
        Remove
      </Button>
    </li>
  );
}
