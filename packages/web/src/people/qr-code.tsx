/** A QR code, always dark on white: cameras want it so. */
import type { ReactNode } from "react";
import { qrPaths } from "./qr-paths.ts";

export function QrCode({
  svg,
  label,
}: {
  readonly svg: string;
  readonly label: string;
}): ReactNode {
  const drawing = qrPaths(svg);
  if (drawing === undefined) return null;
  return (
    <svg
      viewBox={drawing.viewBox}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      className="mx-auto mt-5 size-52 rounded-card border border-line bg-white"
    >
      {drawing.paths.map(({ d, fill, stroke }) => (
        <path key={d} d={d} fill={fill} stroke={stroke} />
      ))}
    </svg>
  );
}
