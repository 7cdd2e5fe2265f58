/** That somebody writes to a group: told to those who look at it now, and never kept. RFC 3994. */
import { CPIM_TYPE, formatCpim } from "../documents/cpim.ts";
import { IS_COMPOSING_TYPE } from "../documents/is-composing.ts";
import type { Octets } from "../grammar/octets.ts";
import { withAnswer } from "../roles/answer.ts";
import type { LiveJournals } from "./live-journals.ts";
import type { Group } from "./message-store.ts";
import { ownMessage } from "./own-message.ts";
import type { PostOffice } from "./post-office.ts";

export class ComposingTold {
  readonly #office: PostOffice;
  readonly #live: LiveJournals;

  constructor(office: PostOffice, live: LiveJournals) {
    this.#office = office;
    this.#live = live;
  }

  /**
   * To all devices of the others that read their journal: a plain phone could not tell who it is
   * that writes. Who is writing stands in the CPIM From.
   */
  tell(group: Group, by: string, document: Octets): void {
    const { host } = this.#office;
    const from = this.#office.addressOf(group.name);
    const body = formatCpim({
      ...{ from: { name: "", uri: by }, to: { name: "", uri: from }, content: document },
      contentHeaders: [["Content-Type", IS_COMPOSING_TYPE]],
    });
    const message = { from, contentType: CPIM_TYPE, body };
    for (const member of group.members) {
      const to = this.#office.addressOf(member);
      if (to === by) continue;
      withAnswer(
        host.location.bindings(member, host.endpoint.now),
        (bindings) => {
          for (const binding of bindings) {
            if (!this.#live.has(member, binding.flow)) continue;
            host.toBinding(binding, ownMessage(host, binding.contact, to, message), () => {});
          }
        },
        () => {},
      );
    }
  }
}
