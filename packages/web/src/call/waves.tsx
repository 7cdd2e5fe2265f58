/** Rings of sound around a face while it rings; still when motion is unwanted. */
import type { ReactNode } from "react";

export function Waves({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <span className="relative inline-flex">
      <span aria-hidden="true" className={`${ring} animate-wave`} />
      <span aria-hidden="true" className={`${ring} animate-wave [animation-delay:1.2s]`} />
      <span className="relative inline-flex rounded-full">{children}</span>
    </span>
  );
}

const ring = "absolute inset-0 rounded-full border-2 border-bronze opacity-40";
