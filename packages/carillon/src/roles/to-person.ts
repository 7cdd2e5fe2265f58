/**
 * A request for a person: to which of their devices it goes, over which of the flows to each, and
 * which have to be woken for it. RFC 3261 §16.5, §16.6.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Flow } from "../transport/flow.ts";
import { gruuOf } from "../uri/gruu.ts";
import type { Branch, Held } from "./branch.ts";
import { incomingBreadth } from "./breadth.ts";
import type { Bridge } from "./bridge.ts";
import type { Considered } from "./considered.ts";
import type { Copies } from "./copies.ts";
import { type ForkTarget, type Reachable, targetGroups } from "./forking.ts";
import type { Gruus } from "./gruu.ts";
import { boundTo } from "./gruu-targets.ts";
import { isSame } from "./in-dialog.ts";
import type { Binding } from "./location.ts";
import { orBridged } from "./or-bridged.ts";
import type { Policy } from "./policy.ts";
import type { ProxyContext } from "./proxy-context.ts";
import type { Trail } from "./recursion.ts";
import type { Routes } from "./routes.ts";
import { admissible, NO_SIPS, SIPS_NOT_ALLOWED } from "./sips.ts";
import { bindingFlow } from "./target.ts";
import { isSamePush } from "./wake-address.ts";
import { Doubts } from "./wake-doubt.ts";
import type { Waker } from "./waker.ts";
import { waysTo } from "./ways-to.ts";
import type { Words } from "./words.ts";

export interface ToPersonParts {
  readonly endpoint: Endpoint;
  readonly copies: Copies;
  readonly gruus: Gruus;
  readonly words: Words;
  readonly waker: Waker;
  readonly bridge: Bridge | undefined;
  policy(): Policy;
  /** Follows 3xx from here. */
  trail(from: Incoming, routes: Routes, asked: Considered): Trail;
}

/** Where a request for a person goes. */
interface Fork {
  readonly groups: readonly (readonly ForkTarget[])[];
  /** Those that have to be woken first. */
  readonly sleepers: readonly Binding[];
  /** Those that are taken to be awake. */
  readonly awake: readonly Binding[];
}

/** Whom there is of a person. */
interface Found {
  readonly online: readonly Reachable[];
  readonly sleepers: readonly Binding[];
}

interface Sleeper {
  readonly user: string;
  readonly binding: Binding;
  readonly sentOver?: Flow | undefined;
  readonly branchesTo: (targets: readonly ForkTarget[]) => readonly Branch[];
}

export class ToPerson {
  readonly #parts: ToPersonParts;
  readonly #endpoint: Endpoint;
  readonly #words: Words;

  constructor(parts: ToPersonParts) {
    this.#parts = parts;
    this.#endpoint = parts.endpoint;
    this.#words = parts.words;
  }

  //= RFC 3261 §16.5
  //# If a target URI is already present in the set (based on the definition of equality for the URI
  //# type), it MUST NOT be added again.
  /** The registrar keeps each contact once. */
  fork(
    context: ProxyContext,
    routes: Routes,
    asked: Considered,
    user: string,
    registered: readonly Binding[],
  ): void {
    const bound = boundTo(this.#parts.gruus, asked.uri, registered);
    if (!bound.ok) return this.#words.refuse(context, bound.error.status, bound.error.message);
    const bindings = bound.value;
    const sleepers = this.#parts.waker.sleepers(bindings);
    // However many bindings a phone has that sleeps.
    const awake = bindings.filter(
      ({ contact }) => !sleepers.some((one) => isSamePush(one.contact, contact)),
    );
    waysTo(this.#endpoint, awake, (online) =>
      this.#forkTo(context, routes, asked, user, { online, sleepers }),
    );
  }

  #forkTo(
    context: ProxyContext,
    routes: Routes,
    asked: Considered,
    user: string,
    { online, sleepers }: Found,
  ): void {
    // Taken back while an edge was looked up.
    if (context.isOver) return;
    const devices = admissible(context.from.request.uri, online);
    //= RFC 3261 §16.5
    //# If the target set remains empty after applying all of the above, the proxy MUST return an
    //# error response, which SHOULD be the 480 (Temporarily Unavailable) response.
    if (online.length === 0 && sleepers.length === 0) {
      return this.#words.refuse(context, 480, `${user} is not online`);
    }
    //= RFC 5630 §5.3
    //# If the proxy needs to reject the request for that reason, the proxy MUST reject it with a
    //# 480 (Temporarily Unavailable) response. In this case, the proxy SHOULD include a Warning
    //# header with warn-code 380 "SIPS Not Allowed".
    if (devices.length === 0 && sleepers.length === 0) {
      return this.#words.refuse(context, 480, NO_SIPS, [["Warning", SIPS_NOT_ALLOWED]]);
    }
    const breadth = incomingBreadth(context.from.request);
    // Each of those that sleep has a breadth of one, as long as one is left for the others.
    const woken = sleepers.slice(0, breadth.ok ? breadth.value - Math.min(1, devices.length) : 0);
    const forking = this.#policy.forking ?? "parallel";
    const groups = breadth.ok
      ? targetGroups(devices, forking, breadth.value - woken.length)
      : breadth;
    if (!groups.ok) return this.#words.refuse(context, groups.error.status, groups.error.message);
    this.#sendTo(context, routes, asked, user, {
      ...{ groups: groups.value, sleepers: woken },
      awake: online.map(({ binding }) => binding),
    });
  }

  /** For a device that sleeps: as for any other one, once it is awake. */
  #whenAwake(
    from: Incoming,
    { account: by }: Considered,
    { user: account, binding, branchesTo, sentOver }: Sleeper,
  ): readonly Held[] {
    const branches = (back: Binding): readonly Branch[] => {
      const flow = bindingFlow(this.#endpoint, back);
      const isThere = flow && sentOver && isSame(sentOver, flow);
      const found = flow && !isThere ? admissible(from.request.uri, [{ binding: back, flow }]) : [];
      const groups = targetGroups(found, "parallel", 1);
      return groups.ok ? groups.value.flatMap(branchesTo) : [];
    };
    return this.#parts.waker.branch({ from, by, account, binding, branches });
  }

  #sendTo(
    context: ProxyContext,
    routes: Routes,
    asked: Considered,
    user: string,
    { groups, sleepers, awake }: Fork,
  ): void {
    const { from } = context;
    const [first = [], ...later] = groups;
    const { follow3xx, ringMs } = this.#policy;
    const { bridge } = this.#parts;
    //= RFC 5627 §6.1
    //# However, forwarding services, such as call forwarding, SHOULD NOT be provided for requests
    //# sent to a GRUU.
    const trail =
      follow3xx && !gruuOf(asked.uri) ? this.#parts.trail(from, routes, asked) : undefined;
    // Those of later groups are in the target set, too.
    for (const { uri } of groups.flat()) trail?.see(uri);
    const branchesTo = (targets: readonly ForkTarget[]): readonly Branch[] =>
      targets.flatMap((target) => {
        const breadth = doubts.breadthFor(target.uri, target.breadth);
        const copy = this.#parts.copies.first(from, routes, { ...target, breadth });
        if (!copy) return [];
        const bridged = orBridged(bridge, copy, { from, asked, callee: user, target });
        const branch = trail ? trail.watched(bridged, breadth) : bridged;
        const whole = withOthers(branch, target.others, branchesTo);
        return [doubts.orWoken(whole, target.uri, target.breadth, target.flow)];
      });
    const whenAwake = (binding: Binding, sentOver?: Flow): readonly Held[] =>
      this.#whenAwake(from, asked, { user, binding, branchesTo, sentOver });
    const doubts = new Doubts(awake, (...doubted) => {
      this.#parts.waker.tell(context, user);
      return whenAwake(...doubted);
    });
    const held = sleepers.flatMap((one) => whenAwake(one));
    const branches = [...branchesTo(first), ...held];
    if (branches.length === 0) {
      return this.#words.refuse(context, 513, "no room left for our headers");
    }
    if (context.isOver) return;
    this.#words.log(from, "Forwarded", `to ${branches.length} device(s) of ${user}`);
    if (held.length > 0) this.#parts.waker.tell(context, user);
    const waiting = later.map((targets) => () => branchesTo(targets));
    context.forward(branches, waiting, ringMs);
  }

  get #policy(): Policy {
    return this.#parts.policy();
  }
}

//= RFC 5626 §7
//# If a request for a particular AOR and instance-id fails with a 430 (Flow Failed) response, the
//# proxy SHOULD replace the failed branch with another target (if one is available) with the same
//# AOR and instance-id, but a different reg-id.
/** The same branch, in whose place one over the next flow to its device comes if its own fails. */
function withOthers(
  branch: Branch,
  [next, ...rest]: readonly ForkTarget[],
  branchesTo: (targets: readonly ForkTarget[]) => readonly Branch[],
): Branch {
  if (!next) return branch;
  return { ...branch, flowFailed: () => branchesTo([{ ...next, others: rest }]) };
}
