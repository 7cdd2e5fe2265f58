/** A point on, or a distance along, the caller's monotonic clock, in milliseconds. */
export type Millis = number;

/** The deadline of a machine that waits for nothing. */
export const NEVER: Millis = Number.POSITIVE_INFINITY;
