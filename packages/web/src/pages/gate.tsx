/** The frame of every page before one sits at a seat: the mark, a card, a heading. */
import { type ReactNode, useEffect } from "react";
import { Mark } from "../look/mark.tsx";

export interface GateProps {
  readonly title: string;
  readonly children: ReactNode;
}

export function Gate({ title, children }: GateProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · Carillon`;
  }, [title]);
  return (
    <main className="flex min-h-full flex-col items-center px-4 py-10 desk:justify-center">
      <div className="mb-6 flex items-center gap-2 text-title font-semibold">
        <span className="inline-flex size-9 items-center justify-center rounded-[10px] bg-slate">
          <Mark className="size-7 text-[#e2a24a]" />
        </span>
        Carillon
      </div>
      <div className="w-full max-w-[440px] rounded-2xl border border-line bg-card p-6 desk:p-8">
        <h1 className="text-display font-semibold tracking-tight text-balance">{title}</h1>
        {children}
      </div>
    </main>
  );
}
