/**
 * The messages of a domain's server, as a service of its role: what people here are sent is kept
 * before it is acknowledged, and then goes to all of their devices. RFC 3428, RFC 5365, RFC 5438.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { type Answer, withAnswer } from "../roles/answer.ts";
import type { Service, ServiceHost, ServiceRequest } from "../roles/services.ts";
import type { ServedPackage } from "../state-agent/source.ts";
import { Abroad } from "./abroad.ts";
import { Asker } from "./asker.ts";
import type { Rate } from "./budget.ts";
import { ComposingTold } from "./composing-told.ts";
import { Groups, type GroupWish } from "./groups.ts";
import { JournalPackage } from "./journal-package.ts";
import { Journals } from "./journals.ts";
import { Keeping, namesFor } from "./keeping.ts";
import { LiveJournals } from "./live-journals.ts";
import type { Group, MessageStore } from "./message-store.ts";
import { PlainPhones } from "./plain-phones.ts";
import { PostOffice, type Sender } from "./post-office.ts";
import { Receipts } from "./receipts.ts";
import { type Received, type ReceivedMessage, readMessage } from "./received-message.ts";
import { recipientsOf } from "./recipients.ts";
import { isRefused, type Refusal, refusal } from "./refusal.ts";
import { Rounds } from "./rounds.ts";
import { SenderBudgets } from "./sender-budgets.ts";

/** What the messages of a domain are made of. */
export interface MessagingOptions {
  /** Where they are kept. */
  readonly store: MessageStore;
  /**
   * Milliseconds since 1970, for entries: the endpoint's own time if left out, as it is such a
   * clock on Node.
   */
  readonly wall?: () => number;
  /** How much each sender may send; 30 at once and 10 a second from then on if left out. */
  readonly rate?: Rate;
  /**
   * Whether somebody may write to an account; everybody may if left out. `from` is an address. It
   * has to be quick, and may not throw.
   */
  readonly mayWrite?: (from: string, account: string) => boolean;
  /**
   * Hears that somebody's journal has an entry of this number, which is kept by then. It has to be
   * quick, and may not throw.
   */
  readonly added?: (account: string, seq: number) => void;
  /** Whether no group may have this name though no account has it; none is so if left out. */
  readonly isReserved?: (name: string) => boolean;
}

/** The messages of a domain. */
export interface Messaging extends Service {
  /** The package of journals, for a `StateAgent` of the same domain. */
  readonly journal: ServedPackage;
  /** Makes or changes a group, as if `by` had asked for it; `id` tells this change from others. */
  changeGroup(by: string, wish: GroupWish, id: string): Answer<Group | Refusal>;
}

/** A member of a group costs its sender so much of a message. */
const COST_PER_MEMBER = 0.05;

/** A service for `services` of `domain`. */
export const messaging = (options: MessagingOptions): Messaging => new DomainMessages(options);

class DomainMessages implements Messaging {
  readonly methods: readonly string[] = ["MESSAGE"];
  readonly journal: JournalPackage;
  readonly #live: LiveJournals = new LiveJournals();
  readonly #options: MessagingOptions;
  readonly #budgets: SenderBudgets;
  #rounds!: Rounds;
  #keeping!: Keeping;
  #office!: PostOffice;
  #groups!: Groups;
  #receipts!: Receipts;
  #phones!: PlainPhones;
  #abroad!: Abroad;
  #composing!: ComposingTold;

  constructor(options: MessagingOptions) {
    this.#options = options;
    this.#budgets = new SenderBudgets(options.rate, () => this.#office.host.endpoint.now);
    this.journal = new JournalPackage({
      ...{ store: options.store, live: this.#live },
      begun: (account) => this.#phones.reads(account),
      ended: (account, told) => this.#phones.registered(account, told),
      delivered: (account, entries) => this.#receipts.delivered(account, entries),
    });
  }

  attach(host: ServiceHost): void {
    const { store, wall = () => host.endpoint.now, isReserved = () => false } = this.#options;
    const office = new PostOffice(host, new Journals(store, wall));
    this.#office = office;
    this.#groups = new Groups(office, isReserved);
    this.#receipts = new Receipts(office);
    this.#phones = new PlainPhones(office, this.#live, (account, entry) =>
      this.#receipts.taken(account, entry),
    );
    this.#rounds = new Rounds(office, this.#phones);
    this.#keeping = new Keeping(office);
    this.#abroad = new Abroad(office);
    this.#composing = new ComposingTold(office, this.#live);
    office.journals.onAdded((account, seq) => {
      this.journal.added(account);
      this.#phones.added(account, seq);
      this.#options.added?.(account, seq);
    });
  }

  registered(account: string, _from?: Incoming): void {
    this.#rounds.begin();
    this.#phones.registered(account);
  }

  changeGroup(by: string, wish: GroupWish, id: string): Answer<Group | Refusal> {
    return this.#groups.change(by, wish, id);
  }

  take(asked: ServiceRequest): boolean {
    if (asked.from.request.method !== "MESSAGE") return false;
    //= RFC 5630 §5.1.1
    //# When presented with a SIPS URI, a UAC MUST NOT change it to a SIP URI.
    // Who demands TLS on the whole way does not want it kept: it goes on, or not at all.
    if (asked.uri.scheme === "sips") return false;
    this.#rounds.begin();
    const message = readMessage(asked.from.request);
    const sender = this.#office.senderOf(asked);
    // For the domain itself is a list alone; one that cannot be read is told what is wrong with it.
    if (asked.isOurs && asked.user === undefined && isForNobody(message)) return false;
    // What is not kept goes on as it always did.
    if (!asked.isOurs && isRefused(message)) return false;
    const problem = this.#problem(message, sender);
    if (problem || isRefused(message) || !sender) {
      if (problem) Asker.of(this.#office.host, asked)?.refuse(problem);
      return true;
    }
    if (!asked.isOurs) return this.#toElsewhere(asked, sender, message.what);
    return this.#toHere(asked, sender, message);
  }

  #problem(message: ReceivedMessage | Refusal, sender: Sender | undefined): Refusal | undefined {
    if (isRefused(message)) return message;
    if (!sender) return refusal(403, "From says nobody who could have sent it");
    return this.#budgets.charge(sender, isAside(message.what) ? "aside" : "message");
  }

  // ---- for people and groups here --------------------------------------------------------------

  #toHere(asked: ServiceRequest, sender: Sender, { what, recipients }: ReceivedMessage): boolean {
    const { user } = asked;
    if (recipients) {
      const isForService = user === undefined;
      this.#with(asked, (asker) =>
        isForService
          ? this.#toSeveral(asker, sender, what, recipients)
          : asker.refuse(refusal(400, "a list of recipients is for the server itself")),
      );
      return true;
    }
    if (user === undefined) return false;
    return asked.isPerson
      ? this.#toPerson(asked, sender, user, what)
      : this.#toGroup(asked, sender, user, what);
  }

  #with(asked: ServiceRequest, run: (asker: Asker) => void): void {
    const asker = Asker.of(this.#office.host, asked);
    if (asker) run(asker);
  }

  #toPerson(asked: ServiceRequest, sender: Sender, user: string, what: Received): boolean {
    if (!this.#mayWrite(sender, user)) {
      this.#with(asked, (asker) => asker.refuse(refusal(403, `${user} wants nothing from there`)));
      return true;
    }
    if (what.kind === "Composing") {
      this.#office.host.usual(asked);
      return true;
    }
    this.#with(asked, (asker) => this.#forPerson(asker, sender, user, what));
    return true;
  }

  #forPerson(
    asker: Asker,
    sender: Sender,
    user: string,
    what: Exclude<Received, { kind: "Composing" }>,
  ): void {
    switch (what.kind) {
      case "Receipts":
        return this.#takeReceipts(asker, sender, user, what.told);
      case "ReadMark":
        return this.#keeping.readMark(asker, sender, user, what.upTo);
      case "Members":
        return asker.refuse(refusal(403, `${user} is a person, and no group`));
      default:
        return this.#keeping.keep(
          asker,
          sender,
          what,
          namesFor(this.#office, sender, [user]),
          user,
        );
    }
  }

  /** Whoever tells of one tells it until it is kept. */
  #takeReceipts(
    asker: Asker,
    sender: Sender,
    to: string,
    told: Extract<Received, { kind: "Receipts" }>["told"],
  ): void {
    this.#receipts.take(
      sender,
      to,
      told,
      () => asker.accepted("receipts", 200),
      (cause) => asker.failed(cause),
    );
  }

  #mayWrite({ address, account }: Sender, to: string): boolean {
    return account === to || this.#options.mayWrite?.(address, to) !== false;
  }

  //= RFC 5365 §7
  //# On reception of a MESSAGE request containing a URI list, the MESSAGE URI-list service answers
  //# to the UAC with a 202 (Accepted) response.
  #toSeveral(
    asker: Asker,
    sender: Sender,
    what: Received,
    entries: NonNullable<ReceivedMessage["recipients"]>,
  ): void {
    if (what.kind !== "Words" || what.headers.replaces !== undefined) {
      return asker.refuse(refusal(415, "what is for several people is a message"));
    }
    if (sender.account === undefined) {
      return asker.refuse(refusal(403, "who lives elsewhere writes to one person at a time"));
    }
    const mayWrite = (account: string) => this.#mayWrite(sender, account);
    const accounts = recipientsOf(this.#office, entries, mayWrite);
    if (isRefused(accounts)) return asker.refuse(accounts);
    const problem = this.#budgets.charge(sender, "message", accounts.length - 1);
    if (problem) return asker.refuse(problem);
    this.#keeping.keep(asker, sender, what, namesFor(this.#office, sender, accounts), undefined);
  }

  // ---- groups ----------------------------------------------------------------------------------

  #toGroup(asked: ServiceRequest, sender: Sender, name: string, what: Received): boolean {
    const { host, journals } = this.#office;
    const found = journals.store.group(name);
    if (found === undefined && what.kind !== "Members") return false;
    const goOn = (group: Group | undefined) => {
      if (!group && what.kind !== "Members") return host.usual(asked);
      this.#with(asked, (asker) => this.#inGroup(asker, sender, name, group, what));
    };
    withAnswer(found, goOn, (cause) => this.#with(asked, (asker) => asker.failed(cause)));
    return true;
  }

  #inGroup(
    asker: Asker,
    sender: Sender,
    name: string,
    group: Group | undefined,
    what: Received,
  ): void {
    const { account } = sender;
    if (what.kind === "Members") return this.#members(asker, sender, name, what);
    if (!group || account === undefined || !group.members.includes(account)) {
      return asker.refuse(refusal(403, `who is not in ${name} does not write to it`));
    }
    if (what.kind === "Receipts") {
      return this.#takeReceipts(asker, sender, name, what.told);
    }
    const cost = group.members.length * COST_PER_MEMBER;
    const problem = this.#budgets.charge(sender, isAside(what) ? "aside" : "message", cost);
    if (problem) return asker.refuse(problem);
    if (what.kind === "Composing") {
      this.#composing.tell(group, sender.address, what.document);
      return asker.accepted("that somebody is writing", 200);
    }
    if (what.kind === "ReadMark")
      return asker.refuse(refusal(400, "one's own address is for that"));
    const conversation = this.#office.addressOf(name);
    const journals = group.members.map((member) => ({ account: member, conversation }));
    this.#keeping.keep(asker, sender, what, journals, name);
  }

  #members(
    asker: Asker,
    { account }: Sender,
    name: string,
    { list, headers }: Extract<Received, { kind: "Members" }>,
  ): void {
    if (account === undefined) return asker.refuse(refusal(403, "groups are made by people here"));
    const members = this.#groups.membersOf(list);
    if (isRefused(members)) return asker.refuse(members);
    const title = list.displayName;
    const wish = { name, members, ...(title !== undefined && { title }) };
    const changed = this.changeGroup(account, wish, headers.id ?? this.#office.idFor(asker.asked));
    withAnswer(
      changed,
      (outcome) => (isRefused(outcome) ? asker.refuse(outcome) : asker.accepted(`group ${name}`)),
      (cause) => asker.failed(cause),
    );
  }

  // ---- elsewhere -------------------------------------------------------------------------------

  /** Receipts, and that somebody is writing, go on as everything does. */
  #toElsewhere(asked: ServiceRequest, sender: Sender, what: Received): boolean {
    const { host } = this.#office;
    if (what.kind !== "Words" && what.kind !== "Retraction") return false;
    if (sender.account === undefined || !host.mayLeave(asked)) return false;
    const conversation = this.#office.elsewhere(asked.from.request.uri);
    if (conversation === undefined) return false;
    const journals = [{ account: sender.account, conversation }];
    this.#with(asked, (asker) =>
      this.#abroad.send(
        asker,
        this.#keeping.postingOf(asked, sender, what, { journals, to: conversation }),
      ),
    );
    return true;
  }
}

const isAside = ({ kind }: Received): boolean =>
  kind === "Receipts" || kind === "ReadMark" || kind === "Composing";

const isForNobody = (message: ReceivedMessage | Refusal): boolean =>
  !isRefused(message) && message.recipients === undefined;
