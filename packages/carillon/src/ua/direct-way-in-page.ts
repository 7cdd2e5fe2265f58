/** A page opens no way but to its server: see direct-way.ts. */
import type { Way } from "./way.ts";

export class Direct implements Way {
  readonly flow = undefined;

  send(): undefined {
    return undefined;
  }

  acknowledge(): () => void {
    return () => {};
  }

  isOver(): boolean {
    return false;
  }

  leave(): boolean {
    return false;
  }

  admits(): boolean {
    return false;
  }
}
