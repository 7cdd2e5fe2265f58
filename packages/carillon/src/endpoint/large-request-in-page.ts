/** Nothing is too large for a WebSocket: see large-request.ts for what is where there is UDP. */
import type { Way } from "./large-request.ts";

export const TCP_PATIENCE_MS = 0;

export class LargeRequests {
  overTcp(): Way | undefined {
    return undefined;
  }

  refused(): void {}
}
