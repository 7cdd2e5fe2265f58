/**
 * A QR code's drawing, taken out of the server's SVG: the box and the paths. React draws them
 * itself, so that no markup from anywhere is ever put into the page.
 */

export interface QrDrawing {
  readonly viewBox: string;
  readonly paths: readonly QrPath[];
}

export interface QrPath {
  readonly d: string;
  readonly fill: string;
  readonly stroke: string;
}

export function qrPaths(svg: string): QrDrawing | undefined {
  const viewBox = attribute(svg, "viewBox");
  const paths = [...svg.matchAll(/<path\b[^>]*>/g)].map(([tag]) => ({
    d: attribute(tag, "d") ?? "",
    // A path with a stroke draws rows of modules; without one it is filled.
    fill: attribute(tag, "fill") ?? (attribute(tag, "stroke") === undefined ? "#000000" : "none"),
    stroke: attribute(tag, "stroke") ?? "none",
  }));
  return viewBox === undefined || paths.length === 0 ? undefined : { viewBox, paths };
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
}
