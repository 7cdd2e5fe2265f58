/**
 * The two clocks of the program, injected so that tests own time.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch as the calendar has it: for what outlives the process. */
  wall(): number;
  /**
   * Milliseconds on the clock the SIP endpoint lives by: the same origin, but it never jumps when
   * somebody sets the calendar. Tokens are minted and read on this one.
   */
  steady(): number;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  steady: () => performance.timeOrigin + performance.now(),
};
