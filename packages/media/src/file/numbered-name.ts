/** `call.wav`, `call-2.wav`: nobody's recording is written over by the next call. */
export function numbered(path: string, nth: number): string {
  if (nth <= 1) return path;
  const dot = path.lastIndexOf(".");
  const isEnding = dot > path.lastIndexOf("/") + 1;
  return isEnding ? `${path.slice(0, dot)}-${nth}${path.slice(dot)}` : `${path}-${nth}`;
}
