/** The keys of a call, and the switch that turns them off. */
import type { ReactNode } from "react";
import { useStore } from "../store.ts";
import { shortcutsOn } from "./shortcut-setting.ts";
import { shortcutHelp } from "./shortcuts.ts";

export function ShortcutHelp(): ReactNode {
  const on = useStore(shortcutsOn);
  return (
    <>
      <h2 className="font-semibold">Keys in a call</h2>
      <dl className={`mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 ${on ? "" : "opacity-60"}`}>
        {shortcutHelp.map(({ keys, does }) => (
          <div key={does} className="contents">
            <dt className="flex gap-1">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="inline-flex h-6 min-w-6 items-center justify-center rounded-md border
                    border-edge px-1.5 text-small"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-small leading-6">{does}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-4 flex min-h-11 items-center gap-3 border-t border-line pt-2">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => shortcutsOn.write(event.target.checked)}
          className="size-5 accent-bronze"
        />
        Letters work as keys
      </label>
    </>
  );
}
