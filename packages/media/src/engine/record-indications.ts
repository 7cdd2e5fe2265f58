/**
 * Who is told that a call is recorded: all of its sides by us, and each side by what the other ones
 * say of themselves. RFC 7866 §7.1.2, §7.3.1.
 */
import { type Description, type RecordIndication, readAttribute, record } from "carillon/sdp";

export class RecordIndications {
  /** Ours; undefined before there was anything to say. */
  own: RecordIndication | undefined;
  /** What each side has said last. */
  readonly #said = new Map<string, RecordIndication>();

  /** A description of this side. */
  heard(tag: string, { session, media }: Description): void {
    const sound = media.find((section) => section.media === "audio");
    const said = readAttribute(sound?.lines ?? [], record) ?? readAttribute(session, record);
    if (said !== undefined) this.#said.set(tag, said);
  }

  /** This side is over. */
  forget(tag: string): void {
    this.#said.delete(tag);
  }

  //= RFC 7866 §7.3.1
  //# When a CS is traversed through multiple UAs such as a B2BUA or a conference focus, each UA
  //# involved in the CS that is aware that the CS is being recorded MUST provide the recording
  //# indication through the "a=record" attribute to all other parties in the CS.
  /** What this side is told; undefined: nobody has ever recorded. */
  for(tag: string): RecordIndication | undefined {
    const others = [...this.#said].flatMap(([one, said]) => (one === tag ? [] : [said]));
    const all = this.own === undefined ? others : [this.own, ...others];
    return BY_WEIGHT.find((one) => all.includes(one));
  }
}

const BY_WEIGHT: readonly RecordIndication[] = ["on", "paused", "off"];
