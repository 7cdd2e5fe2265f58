/** The buttons with words in them, all 44 pixels high. */
import type { ComponentProps, ReactNode } from "react";

const tones = {
  primary: "bg-bronze text-on-bronze hover:brightness-110 active:brightness-95",
  plain: "border border-edge bg-card text-ink hover:bg-tint",
  live: "bg-live text-on-live hover:brightness-110 active:brightness-95",
  stop: "bg-stop text-on-stop hover:brightness-110 active:brightness-95",
};

export type ButtonTone = keyof typeof tones;

export interface ButtonProps extends ComponentProps<"button"> {
  readonly tone?: ButtonTone;
}

export function Button({ tone = "plain", className = "", ...rest }: ButtonProps): ReactNode {
  return <button type="button" className={`${buttonLook(tone)} ${className}`} {...rest} />;
}

/** For links that look like buttons. */
export function buttonLook(tone: ButtonTone): string {
  return `inline-flex min-h-11 items-center justify-center gap-2 rounded-card px-4 font-medium
    transition-[filter,background-color] disabled:opacity-50 ${tones[tone]}`;
}
