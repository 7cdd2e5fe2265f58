/**
 * Bindings in little room. A server for a hundred thousand phones keeps that many of them, and as
 * objects each would be a dozen: here all of one account's are one flat string, unpacked for the
 * moment in which somebody asks. It also cuts them loose from the messages they came in.
 */
import type { Binding } from "carillon/roles";

type Flow = Binding["flow"];

/** No field can contain it: a header's value is one line once it is unfolded. */
const END = "\n";
const FIELDS = 15;
/** The first of them, which come from outside. */
const TEXTS = 7;
/** Stands between the values of a path, none of which can contain it either. */
const NEXT = "\r";
const NOWHERE = { host: "", port: 0 };

export class BindingPacker {
  /** Our own addresses, which most bindings share. */
  readonly #locals: Flow["local"][] = [];
  readonly #numbers = new Map<string, number>();

  /** Throws a RangeError on a line feed in a field. */
  pack(bindings: readonly Binding[]): string {
    let packed = "";
    for (const binding of bindings) {
      const { contact, q, callId, cseq, expiresAt, flow, credential = "" } = binding;
      const { instance = "", regId = 0, path = [], epoch = "" } = binding;
      const { transport, local, remote, connection } = flow;
      const device = `${contact}\n${callId}\n${credential}\n${instance}\n${path.join(NEXT)}\n`;
      const texts = `${device}${remote.host}\n${transport}\n`;
      if (texts.split(END).length !== TEXTS + 1) throw new RangeError("a line feed in it");
      const at = Math.round(expiresAt);
      packed += `${texts}${connection}\n${remote.port}\n${q}\n${cseq}\n${at}\n`;
      packed += `${this.#numberOf(local)}\n${regId}\n${epoch}\n`;
    }
    // What was put together is a tree of pieces until it is read out once.
    return Buffer.from(packed, "latin1").toString("latin1");
  }

  unpack(packed: string): Binding[] {
    const bindings: Binding[] = [];
    if (packed === "") return bindings;
    const all = packed.split(END);
    for (let at = 0; at + FIELDS < all.length; at += FIELDS) bindings.push(this.#binding(all, at));
    return bindings;
  }

  #binding(all: readonly string[], at: number): Binding {
    const text = (nth: number): string => all[at + nth] ?? "";
    const number = (nth: number): number => Number(text(nth));
    const [credential, instance, path, regId] = [text(2), text(3), text(4), number(13)];
    const flow: Flow = {
      transport: text(6) as Flow["transport"],
      local: this.#locals[number(12)] ?? NOWHERE,
      remote: { host: text(5), port: number(8) },
      connection: number(7),
    };
    return {
      ...{ contact: text(0), callId: text(1), q: number(9), cseq: number(10) },
      ...{ expiresAt: number(11), flow },
      ...(credential !== "" && { credential }),
      ...(instance !== "" && { instance }),
      ...(regId !== 0 && { regId }),
      ...(path !== "" && { path: path.split(NEXT) }),
      ...(text(14) !== "" && { epoch: text(14) }),
    };
  }

  #numberOf(local: Flow["local"]): number {
    const key = `${local.host} ${local.port}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#locals.length);
    return this.#locals.push({ host: local.host, port: local.port }) - 1;
  }
}
