/**
 * A TURN server over UDP as one deterministic function of what happened and when. RFC 8656; as far
 * as strangers are concerned, a STUN server (RFC 8489 §12). It owns no socket and no clock.
 */
import type { Millis } from "../grammar/millis.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import { lifetimeOf } from "./allocate-request.ts";
import type { Allocation, Client } from "./allocation.ts";
import { Allocations, secondsLeft } from "./allocations.ts";
import {
  Answers,
  mappedAddress,
  NOTHING,
  type Outputs,
  peersIn,
  refusalOf,
  unknownIn,
} from "./answers.ts";
import { type Authenticated, authenticate } from "./authentication.ts";
import type { PeerVerdict } from "./peer-rules.ts";
import { Relaying } from "./relaying.ts";
import { SourceBudget } from "./source-budget.ts";
import { ipFamily } from "./stun-address.ts";
import {
  attributeTypes,
  familyOf,
  numberAttribute,
  readNumber,
  type StunError,
  stunErrors,
} from "./stun-attributes.ts";
import {
  attribute,
  isStunMessage,
  methods,
  readStun,
  type StunMessage,
  u16At,
} from "./stun-message.ts";
import type { TurnEvent, TurnInput, TurnOutput } from "./turn-io.ts";
import {
  TURN_LIMITS,
  type TurnCensus,
  type TurnLimits,
  type TurnServerOptions,
} from "./turn-options.ts";

//= RFC 8656 §5
//# To ensure interoperability, a TURN server MUST support the use of UDP transport between the
//# client and the server, and it SHOULD support the use of TCP, TLS-over-TCP, and DTLS-over-UDP
//# transports.
/** STUN and TURN for clients over UDP. Give it every input with the time, and do what it says. */
export class TurnServer {
  readonly #options: TurnServerOptions;
  readonly #limits: TurnLimits;
  readonly #answers: Answers;
  readonly #allocations: Allocations;
  readonly #relaying: Relaying;
  readonly #strangers: SourceBudget;

  constructor(options: TurnServerOptions) {
    const limits = { ...TURN_LIMITS, ...options.limits };
    this.#options = options;
    this.#limits = limits;
    this.#answers = new Answers(options.crypto, options.software);
    this.#allocations = new Allocations(options, limits, this.#answers);
    this.#relaying = new Relaying(options, this.#allocations);
    this.#strangers = new SourceBudget(limits.strangers, limits.allStrangers, options.startedAt);
  }

  /** What there is now. */
  census(): TurnCensus {
    const { packets, bytes } = this.#relaying;
    const { size: allocations, relays } = this.#allocations;
    return { allocations, relays: relays.size, packets, bytes };
  }

  /** When it wants its next `Tick`; NEVER if it does not. */
  deadline(): Millis {
    return this.#allocations.due;
  }

  /** One input, handled at once. Never throws for what anybody sent. `now` is ms since 1970. */
  handle(input: TurnInput, now: Millis): Outputs {
    switch (input.kind) {
      case "Datagram":
        return this.#fromClient({ local: input.local, remote: input.remote }, input.bytes, now);
      case "PeerDatagram":
        return this.#relaying.fromPeer(input.relay, input.remote, input.bytes, now);
      case "RelayOpened":
        return this.#allocations.relayOpened(input.relay, now);
      case "RelayFailed":
        return this.#allocations.relayFailed(input.relay, now);
      case "Tick":
        return now < this.#allocations.due ? NOTHING : this.#allocations.tick(now);
    }
  }

  #fromClient(client: Client, bytes: Uint8Array, now: Millis): Outputs {
    const first = bytes[0] ?? 255;
    if (first >= 0x40 && first < 0x80) return this.#relaying.channelData(client, bytes, now);
    if (!isStunMessage(bytes)) return NOTHING;
    const read = readStun(bytes);
    if (!read.ok) return NOTHING;
    const message = read.value;
    if (message.class === "Indication") return this.#relaying.indication(client, message, now);
    if (message.class !== "Request") return NOTHING;
    const allocation = this.#allocations.of(client, now);
    // Whoever has an allocation has shown that they are where they say.
    if (!allocation && !this.#strangers.take(client.remote.host, now)) return NOTHING;
    if (message.method === methods.Binding) return this.#binding(client, message);
    //= RFC 8656 §7.2
    //# Otherwise, the server MUST require that the request be authenticated. If the request is
    //# authenticated, the authentication MUST be done either using the long-term credential
    //# mechanism of [RFC8489] or using the STUN Extension for Third-Party Authorization [RFC7635]
    //# unless the client and server agree to use another mechanism through some procedure outside
    //# the scope of this document.
    const user = authenticate(this.#options, message, client.remote, Math.floor(now / 1000));
    if ("refusal" in user) return this.#answers.answer(client, message, "Error", user.refusal);
    return this.#request(client, message, user, allocation, now);
  }

  //= RFC 8489 §6.3.1.1
  //# For the Binding method, no additional checking is required unless the usage specifies
  //# otherwise. When forming the success response, the server adds an XOR-MAPPED-ADDRESS attribute
  //# to the response; this attribute contains the source transport address of the request message.
  #binding(client: Client, message: StunMessage): Outputs {
    const unknown = unknownIn(message);
    if (unknown.length > 0)
      return this.#answers.answer(client, message, "Error", refusalOf(unknown));
    const mapped = mappedAddress(client, message);
    return this.#answers.answer(client, message, "Success", [mapped]);
  }

  #request(
    client: Client,
    message: StunMessage,
    user: Authenticated,
    allocation: Allocation | undefined,
    now: Millis,
  ): Outputs {
    const refuse = (error: StunError) => this.#answers.refuse(client, message, user, error);
    const unknown = unknownIn(message);
    if (unknown.length > 0) {
      return this.#answers.answer(client, message, "Error", refusalOf(unknown), user);
    }
    if (message.method === methods.Allocate) {
      return this.#allocations.allocate(client, message, user, allocation, now);
    }
    //= RFC 8656 §5
    //# For all TURN messages (including ChannelData) EXCEPT an Allocate request, if the 5-tuple
    //# does not identify an existing allocation, then the message MUST either be rejected with a
    //# 437 Allocation Mismatch error (if it is a request) or be silently ignored (if it is an
    //# indication or a ChannelData message).
    if (!allocation) return refuse(stunErrors.AllocationMismatch);
    //= RFC 8656 §5
    //# then the request MUST be rejected with a 441 (Wrong Credentials) error.
    if (allocation.username !== user.username) return refuse(stunErrors.WrongCredentials);
    switch (message.method) {
      case methods.Refresh:
        return this.#refresh(allocation, message, user, now);
      case methods.CreatePermission:
        return this.#createPermission(allocation, message, user, now);
      case methods.ChannelBind:
        return this.#channelBind(allocation, message, user, now);
      default:
        return refuse(stunErrors.BadRequest);
    }
  }

  #refresh(
    allocation: Allocation,
    message: StunMessage,
    user: Authenticated,
    now: Millis,
  ): Outputs {
    const { client, relays } = allocation;
    const requested = attribute(message, attributeTypes.REQUESTED_ADDRESS_FAMILY);
    const family = requested && familyOf(requested[0]);
    //= RFC 8656 §8.2
    //# If the server receives a Refresh Request with a REQUESTED-ADDRESS-FAMILY attribute and the
    //# attribute value does not match the address family of the allocation, the server MUST reply
    //# with a 443 (Peer Address Family Mismatch) Refresh error response.
    if (requested && (family === undefined || !relays.has(family))) {
      return this.#answers.refuse(client, message, user, stunErrors.PeerAddressFamilyMismatch);
    }
    const asked = readNumber(attribute(message, attributeTypes.LIFETIME));
    const ended: TurnOutput[] = [];
    if (asked !== 0) {
      allocation.expiresAt = now + lifetimeOf(asked) * 1000;
    } else if (family !== undefined && relays.size > 1) {
      ended.push(...this.#allocations.close(relays.get(family)!));
      relays.delete(family);
    } else ended.push(...this.#allocations.release(allocation));
    const left = asked === 0 ? 0 : secondsLeft(allocation.expiresAt, now);
    const attributes = [numberAttribute(attributeTypes.LIFETIME, left), ...this.#answers.software];
    return [...ended, ...this.#answers.answer(client, message, "Success", attributes, user)];
  }

  #createPermission(
    allocation: Allocation,
    message: StunMessage,
    user: Authenticated,
    now: Millis,
  ): Outputs {
    const { client } = allocation;
    const peers = peersIn(message);
    //= RFC 8656 §10.2
    //# The CreatePermission request MUST contain at least one XOR-PEER-ADDRESS attribute and MAY
    //# contain multiple such attributes. If no such attribute exists, or if any of these attributes
    //# are invalid, then a 400 (Bad Request) error is returned.
    if (!peers) return this.#answers.refuse(client, message, user, stunErrors.BadRequest);
    const judged: (readonly [Address, PeerVerdict])[] = [];
    for (const peer of peers) {
      const verdict = this.#mayTalkTo(allocation, peer);
      if (typeof verdict !== "string")
        return this.#refusePeer(allocation, message, user, peer, verdict);
      judged.push([peer, verdict]);
    }
    const added = judged.filter(([{ host }]) => !allocation.permissions.has(host)).length;
    if (allocation.permissions.size + added > this.#limits.peers) {
      return this.#answers.refuse(client, message, user, stunErrors.InsufficientCapacity);
    }
    for (const [{ host }, verdict] of judged) allocation.permit(host, verdict === "Guarded", now);
    this.#allocations.dueBy(allocation.expire(now));
    return this.#answers.answer(client, message, "Success", [], user);
  }

  #channelBind(
    allocation: Allocation,
    message: StunMessage,
    user: Authenticated,
    now: Millis,
  ): Outputs {
    const { client } = allocation;
    const refuse = (error: StunError) => this.#answers.refuse(client, message, user, error);
    const value = attribute(message, attributeTypes.CHANNEL_NUMBER);
    const [peer] = peersIn(message) ?? [];
    if (value?.length !== 4 || !peer) return refuse(stunErrors.BadRequest);
    const number = u16At(value, 0);
    const bound = allocation.channel(number, now);
    const other = allocation.channelOf(peer, now);
    // RFC 5766 had numbers up to 0x7fff, and clients have them still (coturn's).
    const isInRange = number >= 0x4000 && number <= 0x7fff;
    const isOthers = bound !== undefined && formatAddress(bound.peer) !== formatAddress(peer);
    if (!isInRange || isOthers || (other && other.number !== number)) {
      return refuse(stunErrors.BadRequest);
    }
    const verdict = this.#mayTalkTo(allocation, peer);
    if (typeof verdict !== "string")
      return this.#refusePeer(allocation, message, user, peer, verdict);
    const { peers } = this.#limits;
    const isNew = !allocation.permissions.has(peer.host);
    if (
      (!bound && allocation.channels >= peers) ||
      (isNew && allocation.permissions.size >= peers)
    ) {
      return refuse(stunErrors.InsufficientCapacity);
    }
    allocation.permit(peer.host, verdict === "Guarded", now);
    allocation.bind(number, peer, now);
    this.#allocations.dueBy(allocation.expire(now));
    return this.#answers.answer(client, message, "Success", [], user);
  }

  /** How that peer may be talked to, or why not. */
  #mayTalkTo({ relays }: Allocation, peer: Address): PeerVerdict | StunError {
    const family = ipFamily(peer.host);
    //= RFC 8656 §10.2
    //# If an XOR-PEER-ADDRESS attribute contains an address of an address family that is not the
    //# same as that of a relayed transport address for the allocation, the server MUST generate an
    //# error response with the 443 (Peer Address Family Mismatch) response code.
    //= RFC 8656 §12.2
    //# If the XOR-PEER-ADDRESS attribute contains an address of an address family that is not the
    //# same as that of a relayed transport address for the allocation, the server MUST generate an
    //# error response with the 443 (Peer Address Family Mismatch) response code.
    const relay = family && relays.get(family);
    if (!relay) return stunErrors.PeerAddressFamilyMismatch;
    const verdict = this.#relaying.judge(peer, relay);
    return verdict === "Refused" ? stunErrors.Forbidden : verdict;
  }

  #refusePeer(
    { account, client }: Allocation,
    message: StunMessage,
    user: Authenticated,
    peer: Address,
    error: StunError,
  ): Outputs {
    const refused = this.#answers.refuse(client, message, user, error);
    if (error !== stunErrors.Forbidden) return refused;
    const what: TurnEvent = { kind: "PeerRefused", account, client: client.remote, peer };
    return [{ kind: "Told", what }, ...refused];
  }
}
