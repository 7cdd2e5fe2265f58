/** What becomes of a call of ours that is refused at one address. RFC 3261 §8.1.3.4. */
import type { Response } from "../message/message.ts";
import type { UriRequest } from "../message/request-of-uri.ts";

export interface ElsewhereUser {
  /** Send this one next. */
  invite(invitation: UriRequest): void;
  giveUp(status: number): void;
}

export interface Elsewhere {
  /** No INVITE is out: somebody has to decide. */
  readonly isAsking: boolean;
  /** A final refusal; or `failed` for what stands for one. */
  refused(response: Response): void;
  failed(status: number): void;
  /** Whether to go where they say. */
  decided(goOn: boolean): void;
}

/** One address, and no other. */
export const nowhereElse = ({ giveUp }: ElsewhereUser): Elsewhere => ({
  isAsking: false,
  refused: ({ status }) => giveUp(status),
  failed: giveUp,
  decided() {},
});
