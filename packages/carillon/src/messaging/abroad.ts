/**
 * Messages from people here to other domains. They go on at once; what was taken there stands in
 * the journal of whoever wrote it before they hear of it.
 */
import type { HeaderField } from "../message/compose.ts";
import { headerLines } from "../message/headers.ts";
import type { Message, Request } from "../message/message.ts";
import { withAnswer } from "../roles/answer.ts";
import { areForUs } from "../roles/forward.ts";
import type { OwnOutcome, OwnRequest } from "../roles/services.ts";
import type { Asker } from "./asker.ts";
import type { Posting } from "./message-store.ts";
import type { PostOffice } from "./post-office.ts";

/** Written anew for the next hop, or meant for this one. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  ...["Via", "Route", "Record-Route", "Max-Forwards", "Content-Length", "User-Agent", "Contact"],
]);
const CREDENTIALS: ReadonlySet<string> = new Set(["Authorization", "Proxy-Authorization"]);
/** Not copied from a response. */
const OWN_IN_RESPONSES: ReadonlySet<string> = new Set([
  ...["Via", "From", "To", "Call-ID", "CSeq", "Content-Length", "Record-Route", "Contact"],
]);

export class Abroad {
  readonly #office: PostOffice;

  constructor(office: PostOffice) {
    this.#office = office;
  }

  /** One that was taken before is not sent again: its answer was lost, and is given again. */
  send(asker: Asker, posting: Omit<Posting, "at">): void {
    const { store } = this.#office.journals;
    withAnswer(
      store.knows([posting.key]),
      ([isKnown]) => {
        if (isKnown) asker.accepted("sent before");
        else this.#forward(asker, posting);
      },
      (cause) => asker.failed(cause),
    );
  }

  #forward(asker: Asker, posting: Omit<Posting, "at">): void {
    const { uri, from } = asker.asked;
    this.#office.host.toServers(uri, copyOf(from.request, this.#office.host.realm), (outcome) => {
      if (outcome.status >= 300) return passOn(asker, outcome);
      this.#office.journals.post(
        posting,
        () => passOn(asker, outcome),
        (cause) => asker.failed(cause),
      );
    });
  }
}

//= RFC 3261 §22.3
//# When multiple proxies are used in a chain, a Proxy-Authorization header field value MUST NOT be
//# consumed by any proxy whose realm does not match the "realm" parameter specified in that value.
/** Credentials for another realm go along; a token of ours never leaves the house. */
function copyOf(request: Request, realm: string): OwnRequest {
  const headers = fieldsOf(request, NOT_COPIED).filter(
    ([name, value]) => !CREDENTIALS.has(name) || !areForUs(value, realm),
  );
  const hops = Number(headerLines(request, "Max-Forwards")[0] ?? "70");
  return {
    ...{ method: "MESSAGE", uri: request.uri, body: request.body },
    headers: [["Max-Forwards", `${Math.max(0, hops - 1)}`], ...headers],
  };
}

const fieldsOf = (message: Message, without: ReadonlySet<string>): readonly HeaderField[] =>
  [...new Set(message.headers.names)]
    .filter((name) => !without.has(name))
    .flatMap((name) => headerLines(message, name).map((value): HeaderField => [name, value]));

function passOn(asker: Asker, { status, response }: OwnOutcome): void {
  if (status === 408) return asker.leave("the other domain does not answer");
  if (!response) return asker.refuse({ status, why: "there is no way to the other domain" });
  const body = status < 300 ? "" : response.body;
  asker.passOn(status, fieldsOf(response, OWN_IN_RESPONSES), body);
}
