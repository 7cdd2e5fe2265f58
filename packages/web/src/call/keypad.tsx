/** The twelve keys, for menus that are heard. Keys of the keyboard work, too, while it is open. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { KEYS, keyOf, withKey } from "./keypad-keys.ts";

export interface KeypadProps {
  readonly onPress: (tone: string) => void;
}

export function Keypad({ onPress }: KeypadProps): ReactNode {
  const [pressed, setPressed] = useState("");
  const first = useRef<HTMLButtonElement>(null);
  // Whoever opens it types at once.
  useEffect(() => first.current?.focus(), []);
  const press = (tone: string): void => {
    setPressed((before) => withKey(before, tone));
    onPress(tone);
  };
  const listen = (event: KeyboardEvent): void => {
    const tone = keyOf(event.key);
    if (tone !== undefined && !event.repeat) press(tone);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys inside are the controls
    <div onKeyDown={listen}>
      <p aria-live="polite" className="h-6 text-center tracking-widest tabular-nums">
        <span className="sr-only">Pressed: </span>
        {pressed}
      </p>
      <div className="mx-auto mt-1 grid w-fit grid-cols-3 gap-2">
        {KEYS.map(({ tone, name, letters }, nth) => (
          <button
            key={tone}
            ref={nth === 0 ? first : undefined}
            type="button"
            aria-label={name}
            onClick={() => press(tone)}
            className="inline-flex size-16 flex-col items-center justify-center rounded-full bg-tint
              hover:bg-line"
          >
            <span aria-hidden="true" className="text-title leading-6">
              {tone}
            </span>
            <span aria-hidden="true" className="h-4 text-tiny text-ink-2">
              {letters}
            </span>
          </button>
        ))}
      </div>
    </div>
  );
}
