/** A round button with an icon, and a caption under it that shows its state. */
import type { ComponentProps, ReactNode } from "react";

const tones = {
  plain: "bg-tint text-ink hover:bg-line",
  pressed: "bg-ink text-sky hover:brightness-90",
  bronze: "bg-bronze text-on-bronze hover:brightness-110",
  live: "bg-live text-on-live hover:brightness-110",
  stop: "bg-stop text-on-stop hover:brightness-110",
};

/** Six in a row fit a phone of 320 pixels, and none is smaller than a thumb needs. */
const roomy = "size-[clamp(44px,13vw,56px)]";

export interface RoundButtonProps extends ComponentProps<"button"> {
  /** What the button does, whole: for screen readers and as the tip. */
  readonly label: string;
  readonly caption?: string;
  readonly tone?: keyof typeof tones;
  readonly small?: boolean;
}

export function RoundButton(props: RoundButtonProps): ReactNode {
  const { label, caption, tone = "plain", small = false, className = "", ...rest } = props;
  const size = small ? "size-11" : roomy;
  return (
    <span className="inline-flex flex-col items-center gap-1">
      <button
        type="button"
        aria-label={label}
        title={label}
        className={`inline-flex ${size} items-center justify-center rounded-full
          transition-[filter,background-color] disabled:opacity-40 ${tones[tone]} ${className}`}
        {...rest}
      />
      {caption !== undefined && (
        <span aria-hidden="true" className="text-tiny whitespace-nowrap text-ink-2">
          {caption}
        </span>
      )}
    </span>
  );
}
