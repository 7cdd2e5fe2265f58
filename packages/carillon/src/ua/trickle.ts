/**
 * Candidates that follow a description, in INFO requests of one dialog. RFC 8840 §4.3, §4.4, and
 * RFC 6086 for what carries them.
 *
 * A fragment holds all candidates so far: of several that wait, the last one goes and says it all.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { UNCONCERNED } from "../endpoint/server-transaction.ts";
import { flat, fromText, toText } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { elements, hasHeader, header } from "../message/headers.ts";
import type { Message, Request } from "../message/message.ts";
import { fragmentOf } from "../sdp/trickle-fragment.ts";
import type { DialogSide } from "./dialog-side.ts";
import type { LegUser } from "./leg-user.ts";
import { partsOf } from "./phone-parts.ts";

//= RFC 8840 §10.4
//# The Info Package token name for this package is "trickle-ice".
const PACKAGE = "trickle-ice";
const FRAGMENT = "application/trickle-ice-sdpfrag";

/**
 * Has calls of this phone, those that begin from now on, tell of candidates as they come. Their
 * media have to know how: `MediaSession.addFragment`.
 */
export function trickles(phone: object): void {
  const { abilities } = partsOf(phone).agent;
  abilities.methods.set("INFO", badPackage);
  abilities.trickle = {
    headers: trickleHeaders,
    begin: (side, by, user) => new Trickle(side, by, user),
  };
}

/** The answer to an INFO that nobody takes. RFC 6086 §4.2.2. */
export const badPackage = (request: Request): Reply =>
  hasHeader(request, "Info-Package")
    ? { status: 469, headers: [["Recv-Info", ""]] }
    : { status: 415 };

/** What INVITEs, UPDATEs and their responses say where candidates may follow. */
function trickleHeaders(request?: Request): readonly HeaderField[] {
  //= RFC 8840 §10.6
  //# SIP entities that support this specification MUST place the "trickle-ice" option-tag in a SIP
  //# Supported: or Require: header field within all SIP INVITE requests and responses.
  const supported: HeaderField = ["Supported", PACKAGE];
  //= RFC 6086 §5.2.3
  //# A UA MUST NOT include a Recv-Info header field in a response if the associated request did not
  //# contain a Recv-Info header field.
  const mayReceive = request === undefined || hasHeader(request, "Recv-Info");
  //= RFC 6086 §5.2.3
  //# The sender of an initial INVITE request MUST include a Recv-Info header field in the initial
  //# INVITE request, even if the sender is not willing to receive INFO requests associated with any
  //# Info Package.
  return mayReceive ? [supported, ["Recv-Info", PACKAGE]] : [supported];
}

export class Trickle {
  readonly #side: DialogSide;
  readonly #user: Pick<LegUser, "fragment">;
  /** Theirs takes fragments. */
  #isTaken = false;
  /** The dialog is known to exist at both ends. */
  #isHeard: boolean;
  #isPending = false;
  #waiting = "";
  /** What has been told so far, in the offer that made the dialog or after it. */
  #told = "";

  /** `by`: whose INVITE makes the dialog. `user` hears of their fragments. */
  constructor(side: DialogSide, by: "Local" | "Remote", user: Pick<LegUser, "fragment">) {
    this.#side = side;
    this.#user = user;
    this.#isHeard = by === "Local";
  }

  /** What our INVITE has offered. */
  offered(description: string): void {
    this.#told = fragmentOf(description);
  }

  /** Whether a description of ours may leave before its candidates. */
  get mayTrickle(): boolean {
    return this.#isTaken && this.#isHeard;
  }

  /** Whether theirs takes fragments at all. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  //= RFC 6086 §4.2.1
  //# A UA MUST NOT send an INFO request outside an invite dialog usage and MUST NOT send an INFO
  //# request for an Info Package inside an invite dialog usage if the remote UA has not indicated
  //# willingness to receive that Info Package within that dialog.
  /** Takes in what a message of theirs says about them. */
  learn(message: Message): void {
    if (!hasHeader(message, "Recv-Info")) return;
    const packages = elements(message, "Recv-Info");
    if (!packages.ok) return;
    this.#isTaken = packages.value.some(
      (one) => (one.split(";")[0] ?? "").trim().toLowerCase() === PACKAGE,
    );
    this.#go();
  }

  /** A request or an ACK of theirs in the dialog: it exists at their end. */
  heard(): void {
    this.#isHeard = true;
    this.#go();
  }

  //= RFC 8840 §4.3.2
  //# The Offerer MUST send a Trickle ICE INFO request as soon as it receives an SDP Answer in an
  //# unreliable provisional response. This INFO request MUST repeat the candidates that were
  //# already provided in the Offer (as would be the case when Half Trickle is performed or when new
  //# candidates have not been learned since then).
  /** Their answer came in a response that they do not know to have arrived. */
  confirm(): void {
    this.#waiting ||= this.#told;
    this.#go();
  }

  /** Tells them of candidates, as soon as that may be. */
  send(fragment: string): void {
    this.#waiting = fragment;
    this.#go();
  }

  //= RFC 8840 §10.9
  //# A Trickle ICE Agent MUST NOT have more than one INFO request pending at any one time.
  #go(): void {
    const fragment = this.#waiting;
    if (fragment === "" || this.#isPending || !this.mayTrickle) return;
    this.#waiting = "";
    this.#told = fragment;
    this.#isPending = true;
    const done = (isTaken: boolean) => {
      this.#isPending = false;
      if (!isTaken) this.#isTaken = false;
      this.#go();
    };
    //= RFC 8840 §10.7
    //# Entities implementing this specification MUST include a payload of type
    //# "application/trickle-ice-sdpfrag" in SIP INFO requests as defined in Section 9.2.
    const headers: readonly HeaderField[] = [
      ["Info-Package", PACKAGE],
      ["Content-Type", FRAGMENT],
      ["Content-Disposition", "Info-Package"],
    ];
    //= RFC 6086 §4.2.1
    //# If a UA receives a 469 (Bad Info Package) response to an INFO request, based on RFC 5057
    //# [RFC5057], the response represents a Transaction Only failure, and the UA MUST NOT terminate
    //# the invite dialog usage.
    const sent = this.#side.send("INFO", headers, fromText(fragment), {
      response: ({ status }) => void (status >= 200 && done(status < 300)),
      failed: () => done(false),
    });
    if (!sent) this.#side.agent.endpoint.later(() => done(false));
  }

  /** Whether this is an INFO that names its package, and so for `request`. */
  concerns(request: Request): boolean {
    return request.method === "INFO" && hasHeader(request, "Info-Package");
  }

  /** An INFO of theirs that names its package. */
  request(from: Incoming): void {
    const { endpoint } = this.#side.agent;
    const { request } = from;
    const wrong = this.#objection(request);
    if (wrong) return endpoint.reply(from, wrong);
    //= RFC 6086 §4.2.2
    //# Otherwise, if the INFO request is syntactically correct and well structured, the UA MUST
    //# send a 200 (OK) response.
    endpoint.accept(from, UNCONCERNED)?.reply({ status: 200 });
    this.#user.fragment(toText(flat(request.body)));
  }

  #objection(request: Request): Reply | undefined {
    const name = (header(request, "Info-Package") ?? "").split(";")[0] ?? "";
    //= RFC 6086 §4.2.2
    //# If a UA receives an INFO request associated with an Info Package that the UA has not
    //# indicated willingness to receive, the UA MUST send a 469 (Bad Info Package) response (see
    //# Section 11.6), which contains a Recv-Info header field with Info Packages for which the UA
    //# is willing to receive INFO requests.
    if (name.trim().toLowerCase() !== PACKAGE) {
      return { status: 469, headers: [["Recv-Info", PACKAGE]] };
    }
    const type = (header(request, "Content-Type") ?? "").split(";")[0] ?? "";
    if (type.trim().toLowerCase() === FRAGMENT) return undefined;
    return { status: 415, headers: [["Accept", FRAGMENT]] };
  }
}
