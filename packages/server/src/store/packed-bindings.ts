/**
 * Bindings in little room. A server for a hundred thousand phones keeps that many of them, and as
 * objects each would be a dozen: here all of one account's are one flat string, unpacked for the
 * moment in which somebody asks. It also cuts them loose from the messages they came in.
 */
import type { Binding } from "carillon/roles";

type Flow = Binding["flow"];

/** No field can contain it: a header's value is one line once it is unfolded. */
const END = "\n";
const FIELDS = 10;

export class BindingPacker {
  /** Our own addresses, which most bindings share. */
  readonly #locals: Flow["local"][] = [];
  readonly #numbers = new Map<string, number>();

  /** Throws a RangeError on a line feed in a field. */
  pack(bindings: readonly Binding[]): string {
    let packed = "";
    for (const { contact, q, callId, cseq, expiresAt, flow, credential = "" } of bindings) {
      const { transport, local, remote, connection } = flow;
      const fields = [contact, callId, credential, remote.host, `${transport} ${connection}`];
      if (fields.some((field) => field.includes(END))) throw new RangeError("a line feed in it");
      const numbers = [remote.port, q, cseq, Math.round(expiresAt), this.#numberOf(local)];
      packed += `${fields.join(END)}${END}${numbers.join(END)}${END}`;
    }
    // What was put together is a tree of pieces until it is read out once.
    return Buffer.from(packed, "latin1").toString("latin1");
  }

  unpack(packed: string): Binding[] {
    if (packed === "") return [];
    const all = packed.split(END);
    const bindings: Binding[] = [];
    for (let at = 0; at + FIELDS < all.length; at += FIELDS) {
      const [contact = "", callId = "", credential = "", host = "", way = ""] = all.slice(
        at,
        at + 5,
      );
      const [port, q, cseq, expiresAt, local] = all.slice(at + 5, at + FIELDS).map(Number);
      const [transport, connection] = way.split(" ");
      bindings.push({
        contact,
        callId,
        q: q ?? 0,
        cseq: cseq ?? 0,
        expiresAt: expiresAt ?? 0,
        flow: {
          transport: transport as Flow["transport"],
          connection: Number(connection),
          local: this.#locals[local ?? 0] ?? { host: "", port: 0 },
          remote: { host, port: port ?? 0 },
        },
        ...(credential !== "" && { credential }),
      });
    }
    return bindings;
  }

  #numberOf(local: Flow["local"]): number {
    const key = `${local.host} ${local.port}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#locals.length);
    return this.#locals.push({ host: local.host, port: local.port }) - 1;
  }
}
