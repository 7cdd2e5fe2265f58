/**
 * The messages of a domain's server, as a service of its role: what people here are sent is kept
 * before it is acknowledged, and then goes to all of their devices. RFC 3428, RFC 5365, RFC 5438.
 */
import type { Edited, Entry, Retracted, Said } from "../documents/journal.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";
import { NEVER } from "../grammar/millis.ts";
import { type Answer, withAnswer } from "../roles/answer.ts";
import type { Service, ServiceHost, ServiceRequest } from "../roles/services.ts";
import type { ServedPackage } from "../state-agent/source.ts";
import { Abroad } from "./abroad.ts";
import { Asker } from "./asker.ts";
import { Budget, type Rate } from "./budget.ts";
import { ComposingTold } from "./composing-told.ts";
import { Groups, type GroupWish } from "./groups.ts";
import { JournalPackage } from "./journal-package.ts";
import { Journals } from "./journals.ts";
import { LiveJournals } from "./live-journals.ts";
import type { MessageHeaders } from "./message-headers.ts";
import type { Group, JournalName, MessageStore, Posting } from "./message-store.ts";
import { PlainPhones } from "./plain-phones.ts";
import { PostOffice, type Sender } from "./post-office.ts";
import { Receipts } from "./receipts.ts";
import { type Received, type ReceivedMessage, readMessage } from "./received-message.ts";
import { recipientsOf } from "./recipients.ts";
import { isRefused, type Refusal, refusal } from "./refusal.ts";

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

const DEFAULT_RATE: Rate = { burst: 30, perSecond: 10 };
/** What is over its time is taken out this often, and so many entries each time. */
const EXPIRY_ROUND_MS = 60_000;
const EXPIRED_AT_ONCE = 1000;
/** Accounts whose phones are looked after in one go when the server starts. */
const STARTED_AT_ONCE = 100;
/** Between two rounds where there is more to do. */
const ROUND_GAP_MS = 100;
/** Receipts, read marks, and word that somebody is writing: so many times more than messages. */
const ASIDES = 4;
/** A message from somebody in another domain costs that domain so much of one. */
const SHARE_OF_DOMAIN = 0.1;
/** A member of a group costs its sender so much of a message. */
const COST_PER_MEMBER = 0.05;

/** A service for `services` of `domain`. */
export const messaging = (options: MessagingOptions): Messaging => new DomainMessages(options);

class DomainMessages implements Messaging {
  readonly methods: readonly string[] = ["MESSAGE"];
  readonly journal: JournalPackage;
  readonly #live: LiveJournals = new LiveJournals();
  readonly #options: MessagingOptions;
  readonly #budget: Budget;
  /** For what devices send by themselves: it does not stand in the way of what people write. */
  readonly #asides: Budget;
  readonly #expiry: Timer = newTimer({ due: () => this.#expire() });
  readonly #starting: Timer = newTimer({ due: () => this.#startPhones() });
  #startedTo = "";
  #office!: PostOffice;
  #groups!: Groups;
  #receipts!: Receipts;
  #phones!: PlainPhones;
  #abroad!: Abroad;
  #composing!: ComposingTold;

  constructor(options: MessagingOptions) {
    this.#options = options;
    const { rate = DEFAULT_RATE } = options;
    const asides = { burst: ASIDES * rate.burst, perSecond: ASIDES * rate.perSecond };
    this.#budget = new Budget(rate);
    this.#asides = new Budget(asides);
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
    this.#abroad = new Abroad(office);
    this.#composing = new ComposingTold(office, this.#live);
    office.journals.onAdded((account, seq) => {
      this.journal.added(account);
      this.#phones.added(account, seq);
    });
  }

  registered(account: string, _from?: Incoming): void {
    this.#begin();
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
    this.#begin();
    const message = readMessage(asked.from.request);
    const sender = this.#office.senderOf(asked);
    // For the domain itself is a list alone.
    if (asked.isOurs && asked.user === undefined && !hasList(message)) return false;
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
    const { address, account } = sender;
    const domain = address.slice(address.lastIndexOf("@"));
    const budget = isAside(message.what) ? this.#asides : this.#budget;
    return (
      this.#charge(address, 1, budget) ??
      // Another domain can make up as many names as it likes.
      (account === undefined ? this.#charge(domain, SHARE_OF_DOMAIN, budget) : undefined)
    );
  }

  //= RFC 3428 §8
  //# Congestion control in general is an issue that should be addressed at the SIP specification
  //# level rather than for an individual method.
  /** What is over the budget of its sender is not even looked at. */
  #charge(sender: string, cost: number, budget = this.#budget): Refusal | undefined {
    const seconds = budget.take(sender, cost, this.#office.host.endpoint.now);
    if (seconds === 0) return undefined;
    const retry = [["Retry-After", `${seconds}`]] as const;
    return refusal(503, `so many messages at once: again in ${seconds} s`, retry);
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
        return this.#readMark(asker, sender, user, what.upTo);
      case "Members":
        return asker.refuse(refusal(403, `${user} is a person, and no group`));
      default:
        return this.#keep(asker, sender, what, namesFor(this.#office, sender, [user]), user);
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
    const problem = this.#charge(sender.address, accounts.length - 1);
    if (problem) return asker.refuse(problem);
    this.#keep(asker, sender, what, namesFor(this.#office, sender, accounts), undefined);
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
    const problem = this.#charge(sender.address, cost, isAside(what) ? this.#asides : this.#budget);
    if (problem) return asker.refuse(problem);
    if (what.kind === "Composing") {
      this.#composing.tell(group, sender.address, what.document);
      return asker.accepted("that somebody is writing", 200);
    }
    if (what.kind === "ReadMark")
      return asker.refuse(refusal(400, "one's own address is for that"));
    const conversation = this.#office.addressOf(name);
    const journals = group.members.map((member) => ({ account: member, conversation }));
    this.#keep(asker, sender, what, journals, name);
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

  // ---- what is kept ----------------------------------------------------------------------------

  /** `to`: the person or group it is for; undefined where those are several. */
  #keep(
    asker: Asker,
    sender: Sender,
    what: Extract<Received, { kind: "Words" | "Retraction" }>,
    journals: readonly JournalName[],
    to: string | undefined,
  ): void {
    const posting = this.#postingOf(asker.asked, sender, what, journals);
    const post = () =>
      this.#office.journals.post(
        posting,
        () => asker.accepted(`kept in ${journals.length} journal(s)`),
        (cause) => asker.failed(cause),
      );
    const about = what.kind === "Retraction" ? what.of : what.headers.replaces;
    if (about === undefined) return post();
    this.#ifOwn(asker, sender, about, to, post);
  }

  #postingOf(
    asked: ServiceRequest,
    sender: Sender,
    what: Extract<Received, { kind: "Words" | "Retraction" }>,
    journals: readonly JournalName[],
  ): Omit<Posting, "at"> {
    const id = what.headers.id ?? this.#office.idFor(asked);
    const key = { from: sender.address, id: `m ${id}` };
    return { key, journals, what: whatOf(sender.address, id, what) };
  }

  /** Only what one has said oneself, in this conversation, is changed or taken back. */
  #ifOwn(asker: Asker, sender: Sender, id: string, to: string | undefined, goOn: () => void): void {
    const [account, conversation] =
      sender.account === undefined
        ? [to ?? "", sender.address]
        : [sender.account, this.#office.addressOf(to ?? "")];
    const isIt = (one: Entry) =>
      one.what.kind === "Message" &&
      one.what.from === sender.address &&
      one.conversation === conversation;
    withAnswer(
      this.#office.journals.store.said(account, id),
      (found) =>
        found.some(isIt)
          ? goOn()
          : asker.refuse(refusal(404, "there is no such message of theirs")),
      (cause) => asker.failed(cause),
    );
  }

  #readMark(asker: Asker, sender: Sender, user: string, upTo: number): void {
    const { store } = this.#office.journals;
    if (sender.account !== user) {
      return asker.refuse(refusal(403, "that something was read is for one's own address"));
    }
    const found = (entry: Entry | undefined) => {
      // It may be over its time by now: then there is nothing left to mark.
      if (!entry) return asker.accepted("a mark of what was read, too late", 200);
      const { conversation } = entry;
      this.#office.journals.post(
        {
          ...{ key: { from: sender.address, id: `read ${upTo}` }, what: { kind: "Read", upTo } },
          journals: [{ account: user, conversation }],
        },
        () => asker.accepted("a mark of what was read"),
        (cause) => asker.failed(cause),
      );
    };
    withAnswer(store.entry(user, upTo), found, (cause) => asker.failed(cause));
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
      this.#abroad.send(asker, this.#postingOf(asked, sender, what, journals)),
    );
    return true;
  }

  // ---- rounds ----------------------------------------------------------------------------------

  #begin(): void {
    if (this.#expiry.at !== NEVER) return;
    this.#expire();
    this.#startPhones();
  }

  #expire(): void {
    const { host, journals } = this.#office;
    const again = (gone: number) => {
      const inMs = gone < EXPIRED_AT_ONCE ? EXPIRY_ROUND_MS : ROUND_GAP_MS;
      host.endpoint.schedule(this.#expiry, host.endpoint.now + inMs);
    };
    again(0);
    withAnswer(journals.store.expire(journals.now, EXPIRED_AT_ONCE), again, () => {});
  }

  /** Phones that had not everything when the server stopped, and are registered still. */
  #startPhones(): void {
    const { host, journals } = this.#office;
    const found = (accounts: readonly string[]) => {
      for (const account of accounts) {
        if (host.location.online(account, host.endpoint.now)) this.#phones.resume(account);
      }
      this.#startedTo = accounts.at(-1) ?? this.#startedTo;
      if (accounts.length < STARTED_AT_ONCE) return;
      host.endpoint.schedule(this.#starting, host.endpoint.now + ROUND_GAP_MS);
    };
    withAnswer(journals.store.behind(this.#startedTo, STARTED_AT_ONCE), found, () => {});
  }
}

const isAside = ({ kind }: Received): boolean =>
  kind === "Receipts" || kind === "ReadMark" || kind === "Composing";

const hasList = (message: ReceivedMessage | Refusal): boolean =>
  !isRefused(message) && message.recipients !== undefined;

/** The journals of a message from one to others, each with each alone. */
function namesFor(
  office: PostOffice,
  sender: Sender,
  accounts: readonly string[],
): readonly JournalName[] {
  const own = sender.account;
  const names: JournalName[] = [];
  for (const account of accounts) {
    if (own !== undefined) names.push({ account: own, conversation: office.addressOf(account) });
    if (own !== account) names.push({ account, conversation: sender.address });
  }
  return names;
}

function whatOf(
  from: string,
  id: string,
  what: Extract<Received, { kind: "Words" | "Retraction" }>,
): Said | Edited | Retracted {
  if (what.kind === "Retraction") return { kind: "Retracted", id: what.of, from };
  const { headers, content } = what;
  const { contentType, body } = content;
  if (headers.replaces !== undefined) {
    return { kind: "Edited", id: headers.replaces, from, contentType, body };
  }
  return { kind: "Message", id, from, ...content, ...aboutIt(headers) };
}

const aboutIt = ({ file, replyTo, wants }: MessageHeaders): Partial<Said> => ({
  ...(file && { file }),
  ...(replyTo !== undefined && { replyTo }),
  ...(wants.length > 0 && { wants }),
});
