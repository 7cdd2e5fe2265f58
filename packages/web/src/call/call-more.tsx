/** What is done in a call now and then, one click deep: keypad, others, devices. */
import type { WebMedia } from "carillon";
import { ArrowLeft, Ellipsis, Grid3x3, PhoneForwarded, Settings2, UserPlus } from "lucide-react";
import { Popover as Radix } from "radix-ui";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { RoundButton } from "../look/round-button.tsx";
import type { CallCard } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { DeviceChoice } from "./device-choice.tsx";
import { Keypad } from "./keypad.tsx";
import { PersonChoice } from "./person-choice.tsx";

type Panel = "Menu" | "Keypad" | "Transfer" | "Add" | "Devices";

export interface CallMoreProps {
  readonly card: CallCard;
  readonly media: WebMedia;
}

export function CallMore({ card, media }: CallMoreProps): ReactNode {
  const [open, setOpen] = useState(false);
  const [panel, show] = useState<Panel>("Menu");
  const close = (): void => setOpen(false);
  return (
    <Radix.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) show("Menu");
      }}
    >
      <Radix.Trigger asChild>
        <RoundButton label="More" caption="More">
          <Ellipsis size={24} aria-hidden="true" />
        </RoundButton>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={TITLES[panel]}
          side="top"
          align="center"
          sideOffset={16}
          collisionPadding={12}
          className="night z-50 max-h-[min(480px,70dvh)] w-[320px] max-w-[calc(100vw-24px)]
            animate-rise overflow-y-auto rounded-card border border-line bg-card p-3 text-ink
            shadow-lift"
        >
          {panel === "Menu" ? (
            <Menu card={card} onShow={show} />
          ) : (
            <Framed panel={panel} onBack={() => show("Menu")}>
              <Inside panel={panel} card={card} media={media} onDone={close} />
            </Framed>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const TITLES: Readonly<Record<Panel, string>> = {
  Menu: "More",
  Keypad: "Keypad",
  Transfer: "Transfer the call",
  Add: "Call somebody else as well",
  Devices: "Devices",
};

interface MenuProps {
  readonly card: CallCard;
  readonly onShow: (panel: Panel) => void;
}

function Menu({ card, onShow }: MenuProps): ReactNode {
  const entry = "flex min-h-11 w-full items-center gap-3 rounded-card px-3 text-left hover:bg-tint";
  const entries = [
    { panel: "Keypad", icon: Grid3x3, words: "Keypad" },
    { panel: "Add", icon: UserPlus, words: "Call somebody else as well" },
    { panel: "Transfer", icon: PhoneForwarded, words: `Transfer ${card.peer.name}` },
    { panel: "Devices", icon: Settings2, words: "Microphone, camera, loudspeaker" },
  ] as const;
  return (
    <ul>
      {entries.map(({ panel, icon: Icon, words }) => (
        <li key={panel}>
          <button type="button" className={entry} onClick={() => onShow(panel)}>
            <Icon size={20} aria-hidden="true" className="shrink-0 text-ink-2" />
            {words}
          </button>
        </li>
      ))}
    </ul>
  );
}

interface FramedProps {
  readonly panel: Panel;
  readonly onBack: () => void;
  readonly children: ReactNode;
}

function Framed({ panel, onBack, children }: FramedProps): ReactNode {
  const back = useRef<HTMLButtonElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  // The menu is gone, and with it what had the focus. What is inside may have taken it by now.
  useEffect(() => {
    if (!inside.current?.contains(document.activeElement)) back.current?.focus();
  }, []);
  return (
    <>
      <header className="mb-2 flex items-center gap-1">
        <button
          ref={back}
          type="button"
          aria-label="Back to the menu"
          onClick={onBack}
          className="inline-flex size-11 items-center justify-center rounded-full hover:bg-tint"
        >
          <ArrowLeft size={20} aria-hidden="true" />
        </button>
        <h2 className="font-semibold">{TITLES[panel]}</h2>
      </header>
      <div ref={inside}>{children}</div>
    </>
  );
}

interface InsideProps extends CallMoreProps {
  readonly panel: Panel;
  readonly onDone: () => void;
}

function Inside({ panel, card, media, onDone }: InsideProps): ReactNode {
  const { phone } = useSession();
  switch (panel) {
    case "Menu":
      return null;
    case "Keypad":
      return <Keypad onPress={(tone) => void phone.press(tone)} />;
    case "Devices":
      return <DeviceChoice media={media} />;
    case "Add":
      return (
        <PersonChoice
          except={card.peer.uri}
          verb="Call"
          onChoose={(peer) => {
            onDone();
            void phone.place(peer, false, true);
          }}
        />
      );
    case "Transfer":
      return (
        <PersonChoice
          except={card.peer.uri}
          verb={`Transfer ${card.peer.name} to`}
          onChoose={(peer) => {
            onDone();
            void phone.transfer(peer);
          }}
        />
      );
  }
}
