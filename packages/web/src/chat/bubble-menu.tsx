/** What can be done with a message. */

import type { Item } from "carillon/chat";
import { Copy, EllipsisVertical, Pencil, Reply, RotateCw, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { type FocusEvent, type ReactNode, useLayoutEffect, useRef, useState } from "react";
import type { BubbleActions } from "./bubble.tsx";

export interface BubbleMenuProps extends Omit<BubbleActions, "goTo"> {
  readonly item: Item;
  /** "your message", "the message of Bob" */
  readonly name: string;
  /** Tab stops at the newest only; arrows go from there to the others. */
  readonly isStop: boolean;
}

/**
 * A menu listens to each key of the page: of a thousand messages only those have one that somebody
 * has been at.
 */
export function BubbleMenu({ item, name, isStop, ...actions }: BubbleMenuProps): ReactNode {
  const [begun, begin] = useState<"Pressed" | "Reached">();
  const choices = choicesOf(item, actions);
  if (choices.length === 0) return null;
  const trigger = {
    ...{ "aria-label": `More for ${name}`, "data-more": "" },
    ...{ tabIndex: isStop ? 0 : -1, className: look },
  };
  if (begun !== undefined) return <Menu {...{ item, choices, trigger, begun }} />;
  return (
    <button
      type="button"
      {...trigger}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => begin("Pressed")}
      // By key: a mouse that is still down would lose what it pressed.
      onFocus={(event: FocusEvent) => event.target.matches(":focus-visible") && begin("Reached")}
    >
      <EllipsisVertical size={18} aria-hidden="true" />
    </button>
  );
}

const look = `inline-flex size-11 shrink-0 items-center justify-center self-center rounded-full
  text-ink-2 opacity-0 transition-opacity group-hover/row:opacity-100 hover:bg-tint
  focus-visible:opacity-100 aria-expanded:opacity-100 pointer-coarse:opacity-100 desk:size-8`;

interface MenuProps extends Pick<BubbleMenuProps, "item"> {
  readonly choices: readonly Choice[];
  readonly trigger: { readonly className: string };
  readonly begun: "Pressed" | "Reached";
}

function Menu({ item, choices, trigger, begun }: MenuProps): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    // The focus was at the button in whose place this one is.
    if (begun === "Reached") button.current?.focus();
  }, [begun]);
  return (
    // Not modal: Radix would write a style element, which the server's policy refuses.
    <DropdownMenu.Root modal={false} defaultOpen={begun === "Pressed"}>
      <DropdownMenu.Trigger ref={button} {...trigger}>
        <EllipsisVertical size={18} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={item.isOwn ? "end" : "start"}
          collisionPadding={12}
          className="z-50 min-w-52 animate-rise rounded-card border border-line bg-card p-1 text-ink
            shadow-lift"
        >
          {choices.map(({ words, icon: Icon, tone = "", act }) => (
            <DropdownMenu.Item
              key={words}
              onSelect={act}
              className={`flex min-h-11 cursor-pointer items-center gap-3 rounded-[8px] px-3
                outline-none data-highlighted:bg-tint ${tone}`}
            >
              <Icon size={18} aria-hidden="true" />
              {words}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface Choice {
  readonly words: string;
  readonly icon: typeof Copy;
  readonly tone?: string;
  readonly act: () => void;
}

function choicesOf(item: Item, actions: Omit<BubbleActions, "goTo">): readonly Choice[] {
  if (item.isRetracted) return [];
  const copy = {
    words: "Copy",
    icon: Copy,
    // The clipboard exists on https and localhost only.
    act: () => void navigator.clipboard?.writeText(item.text).catch(() => {}),
  };
  const remove = { icon: Trash2, tone: "text-stop", act: () => actions.retract(item) };
  // What nobody has yet needs no asking anybody.
  const drop = { ...remove, words: "Throw it away" };
  if (item.state === "Failed") {
    return [{ words: "Try again", icon: RotateCw, act: () => actions.again(item) }, copy, drop];
  }
  if (item.state === "Waiting") return [copy, drop];
  const choices: Choice[] = [{ words: "Reply", icon: Reply, act: () => actions.reply(item) }, copy];
  if (!item.isOwn) return choices;
  if (item.file === undefined) {
    choices.push({ words: "Edit", icon: Pencil, act: () => actions.edit(item) });
  }
  return [...choices, { ...remove, words: "Delete for everyone" }];
}
