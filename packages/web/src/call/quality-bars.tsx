/** Four bars that say how the call goes, and one click deeper the numbers. */
import type { WebMedia } from "carillon";
import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";
import type { CallCard } from "../phone/desk.ts";
import { bridgeWords } from "./bridge-words.ts";
import { type Detail, detailsOf, qualityOf } from "./quality.ts";
import { useStatistics } from "./use-statistics.ts";

const HEIGHTS = ["h-1.5", "h-2.5", "h-3.5", "h-4.5"];

export interface QualityBarsProps {
  readonly media: WebMedia;
  readonly card: Pick<CallCard, "bridge" | "peer">;
}

export function QualityBars({ media, card }: QualityBarsProps): ReactNode {
  const seen = useStatistics(media);
  const quality = seen && qualityOf(seen);
  if (seen === undefined || quality === undefined) return null;
  const { bars, word } = quality;
  const colour = bars > 2 ? "bg-live" : bars > 1 ? "bg-bronze" : "bg-stop";
  return (
    <Radix.Root>
      <Radix.Trigger
        aria-label={`Connection: ${word}`}
        title={`Connection: ${word}`}
        className="inline-flex size-11 items-end justify-center gap-0.5 rounded-full pb-3
          hover:bg-tint"
      >
        {HEIGHTS.map((height, index) => (
          <span
            key={height}
            aria-hidden="true"
            className={`w-1 rounded-full ${height} ${index < bars ? colour : "bg-edge"}`}
          />
        ))}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label="Connection"
          side="bottom"
          align="start"
          sideOffset={8}
          collisionPadding={12}
          className="night z-50 w-[280px] max-w-[calc(100vw-24px)] animate-rise rounded-card border
            border-line bg-card p-4 text-ink shadow-lift"
        >
          <h2 className="font-semibold">{word}</h2>
          <Details of={detailsOf(seen, card.bridge !== undefined)} />
          <Bridge card={card} codec={seen.received.audio?.codec} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface BridgeProps extends Pick<QualityBarsProps, "card"> {
  /** Of what is heard here. */
  readonly codec: string | undefined;
}

/** That the house stands in between, for everybody; and how, for who wants to know. */
function Bridge({ card, codec }: BridgeProps): ReactNode {
  const { bridge, peer } = card;
  if (bridge === undefined) return null;
  const { plain, details } = bridgeWords(bridge, peer.name, codec);
  return (
    <section data-testid="bridge" className="mt-3 border-t border-line pt-3">
      <h3 className="font-semibold">Through the house</h3>
      <p className="mt-1 text-small">{plain}</p>
      <dl className="mt-2 text-small">
        {details.map(({ name, value }) => (
          <div key={name} className="mt-1">
            <dt className="text-ink-2">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Details({ of }: { readonly of: readonly Detail[] }): ReactNode {
  return (
    <dl className="mt-2 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-small">
      {of.map(({ name, value }) => (
        <div key={name} className="contents">
          <dt className="text-ink-2">{name}</dt>
          <dd className="text-right tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
