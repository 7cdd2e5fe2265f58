/** As plain-message-in-page.ts: no Via is read by a reader that makes these. */
export abstract class ViaParams {
  abstract readonly rportEnd: number;
  abstract readonly hasRport: boolean;
  abstract readonly hasReceived: boolean;
}
