/** Specimens of offers and answers in a dialog's messages, and of where media are listened for. */
import type { Description } from "../../sdp/description.ts";
import * as offerAnswerMachine from "../../sdp/offer-answer.ts";
import * as receptionMachine from "../../sdp/reception.ts";
import { NEVER } from "../../transaction/timers.ts";
import { drawn, type Picture } from "../picture.ts";

type Message = offerAnswerMachine.Message;

/** The state as the machine's own line says it; the state itself is out of the picture's sight. */
const RAW: unique symbol = Symbol("state");
interface Shown<S> {
  readonly name: string;
  readonly by?: string;
  readonly is?: string;
  readonly [RAW]: S;
}

/** `Sent INVITE(sdp)`, `Received 2xx-INVITE`. */
interface Said {
  readonly kind: "Sent" | "Received";
  readonly method: Message;
  readonly sdp: boolean;
}

const SDP: Description = { session: [], media: [] };

const input = ({ kind, method, sdp }: Said): offerAnswerMachine.Input =>
  sdp ? { kind, message: method, sdp: SDP } : { kind, message: method };

const shown = (state: offerAnswerMachine.State): Shown<offerAnswerMachine.State> => {
  const [name = "", ...rest] = offerAnswerMachine.printState(state).split(" | ");
  const [head = "", ...by] = name.split(" by ");
  return { name: head, ...(by.length > 0 && { by: by.join() }), is: rest.join(", "), [RAW]: state };
};

/** `Reject 491 (UAS-IcU)`: the kind, and the rest of the machine's own line. */
function told(output: offerAnswerMachine.Output) {
  const { kind } = output;
  const rest = offerAnswerMachine.printOutput(output).slice(kind.length).trim();
  return { kind, reason: rest };
}

export function offerAnswer(): Picture {
  const step = (
    _: undefined,
    state: Shown<offerAnswerMachine.State>,
    said: Said,
  ): readonly [Shown<offerAnswerMachine.State>, ...{ kind: string }[]] => {
    const [next, ...outputs] = offerAnswerMachine.step(state[RAW], input(said));
    const printed = outputs.map(told);
    return [next === state[RAW] ? state : shown(next), ...printed];
  };
  const said = (line: string): Said => {
    const [way, method = "", sdp] = line.split(/[ (]/);
    return {
      kind: way === ">" ? "Sent" : "Received",
      method: method as Message,
      sdp: sdp !== undefined,
    };
  };
  const after = (...lines: readonly string[]) =>
    lines.reduce(
      (state, line) => step(undefined, state, said(line))[0],
      shown(offerAnswerMachine.start()),
    );
  const call = ["> INVITE(sdp)", "< 2xx-INVITE(sdp)", "> ACK"];
  const messages = ["INVITE", "1xx", "1xx-rel", "2xx-INVITE", "ACK", "PRACK", "2xx-PRACK"];
  const more = ["UPDATE", "2xx-UPDATE"];
  const failures = ["failure-INVITE", "failure-PRACK", "failure-UPDATE"];
  const inputs = [">", "<"].flatMap((way) => [
    ...[...messages, ...more].flatMap((one) => [`${way} ${one}(sdp)`, `${way} ${one}`]),
    ...failures.map((one) => `${way} ${one}`),
  ]);
  return drawn({
    title: "Offers and answers in the messages of a dialog",
    file: "sdp/offer-answer.ts",
    source: "RFC 6337, RFC 3264 §4",
    machine: { start: () => [after()] as const, step, deadline: () => NEVER },
    params: undefined,
    states: [
      after(),
      after("> INVITE(sdp)"),
      after("> INVITE"),
      after("< INVITE(sdp)"),
      after("< INVITE"),
      after("> INVITE(sdp)", "< 1xx-rel(sdp)"),
      after("> INVITE", "< 1xx-rel(sdp)"),
      after("< INVITE(sdp)", "> 1xx-rel(sdp)"),
      after("< INVITE", "> 2xx-INVITE(sdp)"),
      after(...call, "> UPDATE(sdp)"),
      after(...call, "< UPDATE(sdp)"),
      after(...call),
    ],
    inputs: inputs.map((line) => [said(line), 0] as const),
    endless: true,
  });
}

/** A section with this port: `audio 5000 RTP/AVP 0`. */
const local = (media: string, port: number, proto: string, ...formats: string[]): Description => ({
  session: [
    {
      ...{ kind: "c", netType: "IN", addressType: "IP4", address: "192.0.2.1" },
      ...{ ttl: undefined, count: undefined },
    },
  ],
  media: [{ kind: "m", media, port, portCount: undefined, proto, formats, lines: [] }],
});

interface Heard {
  readonly kind: string;
  readonly what?: string;
  readonly [RAW]: receptionMachine.Input;
}

export function reception(): Picture {
  const place = ({ media, port }: receptionMachine.Place) => `${media} ${port}`;
  const show = (state: receptionMachine.State): Shown<receptionMachine.State> => {
    const raw = { [RAW]: state };
    if (state.name === "Terminated") return { name: state.name, ...raw };
    const { agreed, offered, old } = state;
    const lists = Object.entries({ agreed, offered, old }).filter(([, all]) => all.length > 0);
    return {
      name: state.name,
      ...Object.fromEntries(lists.map(([name, all]) => [name, all.map(place)])),
      ...raw,
    };
  };
  const step = (
    _: undefined,
    state: Shown<receptionMachine.State>,
    heard: Heard,
  ): readonly [Shown<receptionMachine.State>, ...{ kind: string }[]] => {
    const [next, ...outputs] = receptionMachine.step(state[RAW], heard[RAW]);
    const printed = outputs.map(({ kind, receiver }) => ({ kind, at: place(receiver) }));
    return [next === state[RAW] ? state : show(next), ...printed];
  };
  const voice = local("audio", 5000, "RTP/AVP", "0");
  const moved = local("audio", 6000, "RTP/AVP", "0");
  const fax = local("image", 5000, "udptl", "t38");
  const gone = local("audio", 0, "RTP/AVP", "0");
  const at = (media: string, port: number, proto: string) => ({
    ...{ slot: 0, media, proto, address: "192.0.2.1", port },
  });
  const heard = (raw: receptionMachine.Input, what?: string): Heard => ({
    kind: raw.kind,
    ...(what === undefined ? {} : { what }),
    [RAW]: raw,
  });
  const agreed = (what: string, all: Description) =>
    heard({ kind: "Agreed", agreed: { local: all, remote: all } }, what);
  const after = (...inputs: readonly Heard[]) =>
    inputs.reduce(
      (state, one) => step(undefined, state, one)[0],
      show(receptionMachine.start()[0]),
    );
  const offers = heard({ kind: "Offered", local: moved }, "audio 6000");
  return drawn({
    title: "Where media are listened for",
    file: "sdp/reception.ts",
    source: "RFC 3264 §5.1, §6.1, §8.3",
    machine: { start: () => [after()] as const, step, deadline: () => NEVER },
    params: undefined,
    states: [
      after(),
      after(agreed("audio 5000", voice)),
      after(agreed("audio 5000", voice), offers),
      after(agreed("audio 5000", voice), agreed("audio 6000", moved)),
      after(agreed("audio 5000", voice), agreed("image 5000", fax)),
      show({ name: "Terminated" }),
    ],
    inputs: [
      [offers, 0],
      [heard({ kind: "Offered", local: fax }, "image 5000"), 0],
      [agreed("audio 5000", voice), 0],
      [agreed("audio 6000", moved), 0],
      [agreed("nothing", gone), 0],
      [heard({ kind: "Dropped" }), 0],
      [heard({ kind: "Arrived", at: at("audio", 6000, "RTP/AVP") }, "audio 6000"), 0],
      [heard({ kind: "Arrived", at: at("image", 5000, "udptl") }, "image 5000"), 0],
      [heard({ kind: "Abandon" }), 0],
    ],
  });
}
