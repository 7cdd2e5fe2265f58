/** Groups: who may make and change them, and what everybody in them is told. */
import { type GroupChanged, MAX_GROUP_MEMBERS, MAX_GROUP_TITLE } from "../documents/journal.ts";
import type { ResourceList } from "../documents/resource-lists.ts";
import { fromText } from "../grammar/octets.ts";
import { type Answer, Pending, withAnswer } from "../roles/answer.ts";
import { notKept } from "./asker.ts";
import type { Group, Posted } from "./message-store.ts";
import type { PostOffice } from "./post-office.ts";
import { isRefused, type Refusal, refusal } from "./refusal.ts";

/** A group as somebody wants it. */
export interface GroupWish {
  /** The user part of its address: 1 to 64 of a-z, 0-9, `.`, `_` and `-`, letter or digit first. */
  readonly name: string;
  /** For people, up to 200 characters; as it was, or the name, if left out. */
  readonly title?: string;
  /** Accounts; whoever makes a group is in it in any case. */
  readonly members: readonly string[];
}

/** Members that a group has when it is made or changed by its owner: 3 to 200. */
const MIN_MEMBERS = 3;
/** Groups that one account may be in when it makes another. */
const MAX_GROUPS = 200;
/** Changes that come between another one's reading and writing. */
const MAX_TRIES = 3;

export class Groups {
  readonly #office: PostOffice;
  readonly #isReserved: (name: string) => boolean;

  constructor(office: PostOffice, isReserved: (name: string) => boolean) {
    this.#office = office;
    this.#isReserved = isReserved;
  }

  /** What an account asks for. `id` is that of the message it came with, or any that is new. */
  change(by: string, wish: GroupWish, id: string): Answer<Group | Refusal> {
    const answer = new Pending<Group | Refusal>();
    this.#try(by, wish, id, MAX_TRIES, (outcome) => answer.resolve(outcome));
    return answer;
  }

  /** Who is in a list, as accounts here. Refused: others, who have not agreed to be. */
  membersOf({ entries }: ResourceList): readonly string[] | Refusal {
    const members: string[] = [];
    for (const { uri } of entries) {
      const account = this.#office.accountAt(uri);
      if (account === undefined) return this.#stranger(uri);
      members.push(account);
    }
    return members;
  }

  //= RFC 5360 §5.9.1
  //# If it lacks permissions for one or more URIs, the relay MUST NOT perform the translation and
  //# SHOULD return an error response.
  #stranger(uri: string): Refusal {
    const name = this.#office.nameIn(uri);
    if (name !== undefined) return refusal(404, `nobody here is called ${name}`);
    return refusal(470, "who lives elsewhere has not agreed to be in a group here", [
      ["Permission-Missing", `<${fromText(uri.replaceAll(/[<>"\s]/g, ""))}>`],
    ]);
  }

  #try(
    by: string,
    wish: GroupWish,
    id: string,
    tries: number,
    done: (outcome: Group | Refusal) => void,
  ): void {
    const failed = (cause: unknown) => done(notKept(cause));
    const { store } = this.#office.journals;
    const withGroups = (existing: Group | undefined, own: readonly Group[]) => {
      const group = this.#next(by, wish, existing, own.length);
      if (isRefused(group)) return done(group);
      this.#write(
        by,
        existing,
        group,
        id,
        (posted) => {
          if (posted.kind !== "Conflict") return done(group);
          if (tries > 1) return this.#try(by, wish, id, tries - 1, done);
          done(refusal(503, "others are changing this group", [["Retry-After", "1"]]));
        },
        failed,
      );
    };
    withAnswer(
      store.group(wish.name),
      (existing) => withAnswer(store.groupsOf(by), (own) => withGroups(existing, own), failed),
      failed,
    );
  }

  #next(
    by: string,
    { name, title, members }: GroupWish,
    existing: Group | undefined,
    own: number,
  ): Group | Refusal {
    const given = title ?? existing?.title ?? name;
    if (given.length > MAX_GROUP_TITLE) {
      return refusal(413, `a title has up to ${MAX_GROUP_TITLE} characters`);
    }
    const unknown = members.find((one) => !this.#office.host.accounts.has(one));
    if (unknown !== undefined) return refusal(404, `nobody here is called ${unknown}`);
    const all = [...new Set(members)];
    if (existing) return changed(by, existing, given, all);
    if (!isGroupName(name)) return refusal(400, `not a name for a group: ${name}`);
    if (this.#office.host.accounts.has(name) || this.#isReserved(name)) {
      return refusal(403, `the name ${name} is taken`);
    }
    if (own >= MAX_GROUPS) return refusal(403, `nobody makes more than ${MAX_GROUPS} groups`);
    const everybody = [...new Set([by, ...all])];
    return (
      sizeProblem(everybody) ?? {
        ...{ name, title: given, owner: by, members: everybody },
        version: 1,
      }
    );
  }

  #write(
    by: string,
    existing: Group | undefined,
    group: Group,
    id: string,
    done: (posted: Posted) => void,
    failed: (cause: unknown) => void,
  ): void {
    const { name, title, members } = group;
    const conversation = this.#office.addressOf(name);
    const own = this.#office.addressOf(by);
    const what: GroupChanged = {
      ...{ kind: "Group", title, by: own },
      members: members.map((one) => this.#office.addressOf(one)),
    };
    // Who has left or was taken out is told, too.
    const told = [...new Set([...members, ...(existing?.members ?? [])])];
    this.#office.journals.post(
      {
        ...{ key: { from: own, id: `m ${id}` }, what },
        journals: told.map((account) => ({ account, conversation })),
        group: { group, replaces: existing?.version ?? 0 },
      },
      done,
      failed,
    );
  }
}

/** 1 to 64 of a-z, 0-9, `.`, `_` and `-`, the first a letter or a digit. */
const isGroupName = (name: string): boolean => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);

function sizeProblem(members: readonly string[]): Refusal | undefined {
  if (members.length < MIN_MEMBERS)
    return refusal(400, `a group has ${MIN_MEMBERS} members or more`);
  return members.length > MAX_GROUP_MEMBERS
    ? refusal(413, `a group has up to ${MAX_GROUP_MEMBERS} members`)
    : undefined;
}

/** Its owner changes everything; others may leave. */
function changed(
  by: string,
  existing: Group,
  title: string,
  members: readonly string[],
): Group | Refusal {
  const version = existing.version + 1;
  const without = existing.members.filter((one) => one !== by);
  const isLeaving =
    without.length < existing.members.length &&
    members.length === without.length &&
    without.every((one) => members.includes(one));
  if (isLeaving) {
    const owner = existing.owner === by ? (without[0] ?? by) : existing.owner;
    return { ...existing, owner, members: without, version };
  }
  if (existing.owner !== by) return refusal(403, "only its owner changes a group");
  const owner = members.includes(by) ? by : (members[0] ?? by);
  return sizeProblem(members) ?? { name: existing.name, title, owner, members, version };
}
