/** A person's face: initials, and a dot that tells whether they are here. */
import type { ReactNode } from "react";
import { faceHue, initials } from "./face.ts";

// Whole class names, so that Tailwind finds them.
const hues = ["face-0", "face-1", "face-2", "face-3", "face-4", "face-5"];

const sizes = {
  small: "size-10 text-small",
  medium: "size-16 text-title",
  large: "size-28 text-[40px]",
};

export interface AvatarProps {
  readonly name: string;
  readonly size?: keyof typeof sizes;
  /** Shown as a dot; said in words beside it, so the dot itself stays silent. */
  readonly presence?: "live" | "waiting" | "busy" | "away" | "off";
  readonly ground?: "card" | "slate";
}

export function Avatar({
  name,
  size = "small",
  presence,
  ground = "card",
}: AvatarProps): ReactNode {
  return (
    <span aria-hidden="true" className="relative inline-flex shrink-0">
      <span
        className={`inline-flex items-center justify-center rounded-full font-semibold
          tracking-wide text-white select-none ${sizes[size]} ${hues[faceHue(name)]}`}
      >
        {initials(name)}
      </span>
      {presence !== undefined && <Dot presence={presence} ground={ground} />}
    </span>
  );
}

/** Shape tells it too: filled is here, with a bar busy, half away, a ring not here. */
function Dot({ presence, ground }: Required<Pick<AvatarProps, "presence" | "ground">>): ReactNode {
  const rim = ground === "slate" ? "ring-slate" : "ring-card";
  const looks = {
    live: "bg-live",
    waiting: "bg-bronze",
    busy: "bg-bronze",
    away: "bg-edge",
    off: `border-2 border-edge ${ground === "slate" ? "bg-slate" : "bg-card"}`,
  };
  return (
    <span
      className={`absolute -right-0.5 -bottom-0.5 size-3 rounded-full ring-2 ${rim}
        inline-flex items-center justify-center ${looks[presence]}`}
    >
      {presence === "busy" && <span className="h-0.5 w-1.5 rounded-full bg-card" />}
      {presence === "away" && <span className="mb-1 ml-1 size-1.5 rounded-full bg-card" />}
    </span>
  );
}
