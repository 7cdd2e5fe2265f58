/**
 * Bindings in little room. A server for a hundred thousand phones keeps that many of them, and as
 * objects each would be a dozen: here all of one account's are one flat string, unpacked for the
 * moment in which somebody asks. It also cuts them loose from the messages they came in.
 */
import type { Binding } from "carillon/roles";

type Flow = Binding["flow"];

/** No field can contain it: a header's value is one line once it is unfolded. */
const END = "\n";
const FIELDS = 11;
/** The first of them, which come from outside. */
const TEXTS = 5;
const NOWHERE = { host: "", port: 0 };

export class BindingPacker {
  /** Our own addresses, which most bindings share. */
  readonly #locals: Flow["local"][] = [];
  readonly #numbers = new Map<string, number>();

  /** Throws a RangeError on a line feed in a field. */
  pack(bindings: readonly Binding[]): string {
    let packed = "";
    for (const { contact, q, callId, cseq, expiresAt, flow, credential = "" } of bindings) {
      const { transport, local, remote, connection } = flow;
      const texts = `${contact}\n${callId}\n${credential}\n${remote.host}\n${transport}\n`;
      if (texts.split(END).length !== TEXTS + 1) throw new RangeError("a line feed in it");
      const at = Math.round(expiresAt);
      packed += `${texts}${connection}\n${remote.port}\n${q}\n${cseq}\n${at}\n`;
      packed += `${this.#numberOf(local)}\n`;
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
    const credential = text(2);
    const flow: Flow = {
      transport: text(4) as Flow["transport"],
      local: this.#locals[Number(text(10))] ?? NOWHERE,
      remote: { host: text(3), port: Number(text(6)) },
      connection: Number(text(5)),
    };
    const binding = {
      contact: text(0),
      callId: text(1),
      q: Number(text(7)),
      cseq: Number(text(8)),
      expiresAt: Number(text(9)),
      flow,
    };
    return credential === "" ? binding : { ...binding, credential };
  }

  #numberOf(local: Flow["local"]): number {
    const key = `${local.host} ${local.port}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#locals.length);
    return this.#locals.push({ host: local.host, port: local.port }) - 1;
  }
}
