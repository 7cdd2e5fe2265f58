/** Where the own picture rests: one of four corners of the call. */

export type Corner = "top-left" | "top-right" | "bottom-left" | "bottom-right";

const round: readonly Corner[] = ["top-right", "bottom-right", "bottom-left", "top-left"];

/** The corner nearest to a point given as shares of width and height. */
export function nearestCorner(x: number, y: number): Corner {
  return `${y < 0.5 ? "top" : "bottom"}-${x < 0.5 ? "left" : "right"}`;
}

/** Clockwise, for those who move it by key. */
export function nextCorner(corner: Corner): Corner {
  return round[(round.indexOf(corner) + 1) % round.length] ?? "top-right";
}
