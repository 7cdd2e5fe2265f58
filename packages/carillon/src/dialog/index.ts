/**
 * Dialogs as values: `carillon/dialog`. RFC 3261 §12. A dialog is what one side knows of it; each
 * request and response that changes it makes a new one. What runs inside of dialogs is in
 * `carillon/usage`.
 *
 * ```ts
 * import { addressRequest, advanced, uacDialog } from "carillon/dialog";
 * import { composeRequest, parseMessage, readEssentials } from "carillon/message";
 *
 * const invite = composeRequest("INVITE", "sip:bob@example.com", [
 *   ["Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"],
 *   ["From", "<sip:alice@example.com>;tag=a1"],
 *   ["To", "<sip:bob@example.com>"],
 *   ["Call-ID", "c1"],
 *   ["CSeq", "1 INVITE"],
 * ]);
 * const accepted = "SIP/2.0 200 OK\r\nContact: <sip:bob@192.0.2.7>";
 * const answer = parseMessage(
 *   invite.text.replace(/^INVITE .+/, accepted).replace("<sip:bob@example.com>", "$&;tag=b1"),
 * );
 * if (!answer.ok || answer.value.kind !== "Response") throw new Error("no response");
 * const [sent, received] = [readEssentials(invite), readEssentials(answer.value)];
 * if (!sent.ok || !received.ok) throw new Error("not what a message has to have");
 *
 * const dialog = uacDialog(invite, sent.value, answer.value, received.value);
 * if (!dialog) throw new Error("no dialog");
 * console.log(dialog.state, dialog.remoteTarget); // Confirmed sip:bob@192.0.2.7
 * const next = advanced(dialog);
 * const { uri, headers } = addressRequest(next, "BYE", next.localSeq);
 * console.log(uri, headers.at(-1)); // sip:bob@192.0.2.7 [ 'CSeq', '2 BYE' ]
 * ```
 */
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
