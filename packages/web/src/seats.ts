/** The seats this browser knows, newest first. Only names: the session itself is a cookie. */

export interface KnownSeat {
  readonly path: string;
  readonly displayName: string;
  readonly house: string;
}

const KEY = "carillon.seats";
const MOST = 20;

/** Whatever stands in the browser's storage, read without trusting it. */
export function parseSeats(text: string | null): readonly KnownSeat[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value.filter(isSeat) : [];
  } catch {
    return [];
  }
}

export function withSeat(seats: readonly KnownSeat[], seat: KnownSeat): readonly KnownSeat[] {
  return [seat, ...withoutSeat(seats, seat.path)].slice(0, MOST);
}

export function withoutSeat(seats: readonly KnownSeat[], path: string): readonly KnownSeat[] {
  return seats.filter((seat) => seat.path !== path);
}

export function knownSeats(): readonly KnownSeat[] {
  return parseSeats(localStorage.getItem(KEY));
}

export function rememberSeat(seat: KnownSeat): void {
  localStorage.setItem(KEY, JSON.stringify(withSeat(knownSeats(), seat)));
}

export function forgetSeat(path: string): void {
  localStorage.setItem(KEY, JSON.stringify(withoutSeat(knownSeats(), path)));
}

function isSeat(value: unknown): value is KnownSeat {
  if (typeof value !== "object" || value === null) return false;
  const seat = value as Record<string, unknown>;
  return (
    typeof seat["path"] === "string" &&
    seat["path"].startsWith("/@") &&
    typeof seat["displayName"] === "string" &&
    typeof seat["house"] === "string"
  );
}
