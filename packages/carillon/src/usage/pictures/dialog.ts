/**
 * Specimens of dialogs. They are values that three functions change; as a machine, each of those
 * is an input.
 */
import { advanced, type Dialog, receiveRequest, receiveSuccess } from "../../dialog/dialog.ts";
import { composeRequest, composeResponse, type HeaderField } from "../../message/compose.ts";
import { drawn, type Picture } from "../picture.ts";

type Parts = "localSeq" | "remoteSeq" | "remoteTarget" | "routeSet";
type State = Pick<Dialog, Parts> & { readonly name: Dialog["state"] };

type Input =
  /** A request of ours. */
  | { readonly kind: "Sent" }
  | { readonly kind: "Request"; readonly method: string; readonly seq: number; contact?: string }
  /** A 2xx to a request of ours. */
  | { readonly kind: "Success"; readonly method: string; contact?: string; route?: string };

type Output = { readonly kind: "Send"; readonly cseq: number } | typeof REFUSE;

const REFUSE = { kind: "Refuse", status: 500 } as const;

const REST: Omit<Dialog, Parts | "state"> = {
  ...{ callId: "c", localTag: "a", remoteTag: "b", secure: false },
  ...{ localUri: "<sip:alice@a.example>", remoteUri: "<sip:bob@b.example>" },
};

const seen = (dialog: Dialog): State => {
  const { state, localSeq, remoteSeq, remoteTarget, routeSet } = dialog;
  return { name: state, localSeq, remoteSeq, remoteTarget, routeSet };
};

function step(_: null, { name, ...parts }: State, input: Input): readonly [State, ...Output[]] {
  const dialog: Dialog = { ...REST, ...parts, state: name };
  if (input.kind === "Sent") {
    const next = advanced(dialog);
    return [seen(next), { kind: "Send", cseq: next.localSeq }];
  }
  const contact: HeaderField[] = input.contact ? [["Contact", `<${input.contact}>`]] : [];
  if (input.kind === "Request") {
    const request = composeRequest(input.method, "sip:alice@192.0.2.1", contact);
    const next = receiveRequest(dialog, request, input.seq);
    return next ? [seen(next)] : [seen(dialog), REFUSE];
  }
  const route: HeaderField[] = input.route ? [["Record-Route", input.route]] : [];
  const response = composeResponse(200, [...contact, ...route]);
  return [seen(receiveSuccess(dialog, response, input.method))];
}

const early: State = {
  name: "Early",
  ...{ localSeq: 7, remoteSeq: undefined, remoteTarget: "sip:bob@192.0.2.2" },
  routeSet: ["<sip:p1;lr>"],
};

const MOVED = "sip:bob@192.0.2.9";

const inputs: readonly Input[] = [
  { kind: "Sent" },
  { kind: "Request", method: "INFO", seq: 3 },
  { kind: "Request", method: "INFO", seq: 4, contact: MOVED },
  { kind: "Request", method: "INFO", seq: 9 },
  { kind: "Request", method: "INVITE", seq: 9 },
  { kind: "Request", method: "INVITE", seq: 9, contact: MOVED },
  { kind: "Request", method: "UPDATE", seq: 9, contact: MOVED },
  { kind: "Success", method: "PRACK", contact: MOVED },
  { kind: "Success", method: "UPDATE", contact: MOVED, route: "<sip:p2;lr>" },
  { kind: "Success", method: "INVITE" },
  { kind: "Success", method: "INVITE", contact: MOVED, route: "<sip:p2;lr>, <sip:p3;lr>" },
];

export const dialog = (): Picture =>
  drawn({
    title: "Dialog",
    file: "dialog/dialog.ts",
    source: "RFC 3261 §12",
    machine: { start: () => [early], step, deadline: () => Number.POSITIVE_INFINITY },
    params: null,
    states: [early, { ...early, name: "Confirmed" }, { ...early, name: "Confirmed", remoteSeq: 4 }],
    inputs: inputs.map((input) => [input, 0] as const),
  });
