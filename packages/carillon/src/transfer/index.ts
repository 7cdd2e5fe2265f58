/**
 * Transfers, and calls that take the place of others or join them: `carillon/transfer`. Functions
 * that take a phone or a call, so that a page has no more of it than it uses. RFC 3515, RFC 3891,
 * RFC 3911, RFC 5589.
 */
export type { NamedDialog } from "../ua/claim.ts";
export type { IncomingTransfer } from "../ua/incoming-transfer.ts";
export type { Transfer, TransferOptions, TransferState } from "../ua/transfer.ts";
export {
  type Claiming,
  joinedBy,
  joining,
  joins,
  refer,
  replacedBy,
  replacing,
  resume,
  successorOf,
  transfer,
  transferable,
  transfers,
} from "../ua/transferring.ts";
export type { Unheard } from "../ua/transfers.ts";
