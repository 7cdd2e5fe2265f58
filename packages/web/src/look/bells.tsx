/** Five bells under a beam: the quiet picture of an empty stage. They swing while they ring. */
import type { ReactNode } from "react";

const bells = [
  { x: 44, scale: 1.5 },
  { x: 104, scale: 1.25 },
  { x: 156, scale: 1.05 },
  { x: 200, scale: 0.9 },
  { x: 238, scale: 0.75 },
];

const body = `M0 6c-9.2 0-12.4 7.2-13.2 16-.6 6-2.4 9-4.8 11.4-1 1-.2 2.6 1.2 2.6h33.6
  c1.4 0 2.2-1.6 1.2-2.6-2.4-2.4-4.2-5.4-4.8-11.4C12.4 13.2 9.2 6 0 6Z`;

export function Bells({ ringing }: { readonly ringing: boolean }): ReactNode {
  return (
    <svg viewBox="0 0 280 92" aria-hidden="true" className="w-[280px] text-bronze">
      <rect x="4" y="4" width="272" height="6" rx="3" className="fill-line" />
      {bells.map(({ x, scale }, index) => (
        <g key={x} transform={`translate(${x} 8) scale(${scale})`}>
          <g className={ringing ? `animate-swing ${delays[index]}` : ""}>
            <path d="M0 0v7" stroke="currentColor" strokeWidth="3" />
            <path d={body} fill="currentColor" opacity={1 - index * 0.14} />
            <circle cy="40" r="4" fill="currentColor" opacity={1 - index * 0.14} />
          </g>
        </g>
      ))}
    </svg>
  );
}

const delays = [
  "",
  "[animation-delay:-0.3s]",
  "[animation-delay:-0.7s]",
  "[animation-delay:-1.1s]",
  "[animation-delay:-1.5s]",
];
