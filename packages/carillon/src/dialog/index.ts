/** Dialogs: `carillon/dialog`. */
export {
  type Addressing,
  addressRequest,
  advanced,
  type Dialog,
  dialogId,
  receiveRequest,
  receiveSuccess,
  uacDialog,
  uasDialog,
} from "./dialog.ts";
export { requestUri } from "./request-uri.ts";
