/** What goes between clients and peers. RFC 8656 §11, §12. */
import type { Millis } from "../grammar/millis.ts";
import type { Address } from "../uri/host.ts";
import { Allocation, type Client, type Relay, rememberPort } from "./allocation.ts";
import type { Allocations } from "./allocations.ts";
import { NOTHING, type Outputs, peersIn, unknownIn } from "./answers.ts";
import { channelData } from "./client-request.ts";
import { judgePeer, type PeerVerdict, type PeerWorld } from "./peer-rules.ts";
import { xorAddress } from "./stun-address.ts";
import { attributeTypes } from "./stun-attributes.ts";
import { attribute, methods, type StunMessage, u16At, writeStun } from "./stun-message.ts";
import type { TurnServerOptions } from "./turn-options.ts";

/** For how long a port of ours is believed to be what it was. */
const PORT_MS = 1000;

/** Moves datagrams, and counts them. */
export class Relaying {
  readonly #options: TurnServerOptions;
  readonly #allocations: Allocations;
  /** Since the start, both ways. */
  packets = 0;
  bytes = 0;

  constructor(options: TurnServerOptions, allocations: Allocations) {
    this.#options = options;
    this.#allocations = allocations;
  }

  indication(client: Client, message: StunMessage, now: Millis): Outputs {
    if (message.method !== methods.Send) return NOTHING;
    const allocation = this.#allocations.of(client, now);
    const data = attribute(message, attributeTypes.DATA);
    const [peer] = peersIn(message) ?? [];
    //= RFC 8656 §11.2
    //# The Send indication MUST contain both an XOR-PEER-ADDRESS attribute and a DATA attribute. If
    //# one of these attributes is missing or invalid, then the message is discarded.
    if (!allocation || !data || !peer || unknownIn(message).length > 0) return NOTHING;
    if (!this.#isPermitted(allocation, peer, now)) return NOTHING;
    return this.#toPeer(allocation, peer, data, now);
  }

  channelData(client: Client, bytes: Uint8Array, now: Millis): Outputs {
    if (bytes.length < 4) return NOTHING;
    const length = u16At(bytes, 2);
    //= RFC 8656 §12.6
    //# If the ChannelData message is received in a UDP datagram, and if the UDP datagram is too
    //# short to contain the claimed length of the ChannelData message (i.e., the UDP header length
    //# field value is less than the ChannelData header length field value + 4 + 8), then the
    //# message is silently discarded.
    if (length > bytes.length - 4) return NOTHING;
    const allocation = this.#allocations.of(client, now);
    //= RFC 8656 §12.6
    //# If the ChannelData message is received on a channel that is not bound to any peer, then the
    //# message is silently discarded.
    //= RFC 8656 §12.6
    //# On the server, the receipt of a ChannelData message MUST NOT refresh either the channel
    //# binding or the permission towards the peer.
    const channel = allocation?.channel(u16At(bytes, 0), now);
    if (!allocation || !channel || !this.#isPermitted(allocation, channel.peer, now))
      return NOTHING;
    return this.#toPeer(allocation, channel.peer, bytes.subarray(4, 4 + length), now);
  }

  /** Also when the channel outlives its permission: nothing goes where nothing comes back from. */
  #isPermitted(allocation: Allocation, peer: Address, now: Millis): boolean {
    const permission = allocation.permission(peer.host, now);
    if (!permission) return false;
    if (!permission.ports) return peer.port !== 0;
    // What is at a port of ours may change: it is asked again each second.
    if ((permission.ports.get(peer.port) ?? 0) > now) return true;
    const relay = relayTowards(allocation, peer);
    if (!relay || this.judge(peer, relay) === "Refused") return false;
    rememberPort(permission, peer.port, now + PORT_MS);
    return true;
  }

  #toPeer(allocation: Allocation, peer: Address, bytes: Uint8Array, now: Millis): Outputs {
    const relay = relayTowards(allocation, peer);
    if (!relay || !this.#counts(allocation, bytes, now)) return NOTHING;
    // From relay to relay nothing has to leave this server, which a NAT might not let back in.
    const other = this.#allocations.relays.at(peer);
    if (other) return this.fromPeer(other.relay.id, relay.told, bytes, now);
    return [{ kind: "SendToPeer", relay: relay.id, remote: peer, bytes }];
  }

  fromPeer(id: number, peer: Address, bytes: Uint8Array, now: Millis): Outputs {
    const allocation = this.#allocations.relays.get(id)?.owner;
    if (!(allocation instanceof Allocation) || allocation.expiresAt <= now) return NOTHING;
    //= RFC 8656 §9
    //# If no match is found, relaying is not permitted and the server silently discards the UDP
    //# datagram.
    if (!this.#isPermitted(allocation, peer, now)) return NOTHING;
    if (!this.#counts(allocation, bytes, now)) return NOTHING;
    const { local, remote } = allocation.client;
    //= RFC 8656 §12.5
    //# The server, on the other hand, MUST use the ChannelData message if a channel has been bound
    //# to the peer.
    const channel = allocation.channelOf(peer, now);
    const sent = channel ? channelData(channel.number, bytes) : this.#dataIndication(peer, bytes);
    return [{ kind: "Send", local, remote, bytes: sent }];
  }

  //= RFC 8656 §11.3
  //# The Data indication MUST contain both an XOR-PEER-ADDRESS and a DATA attribute.
  #dataIndication(peer: Address, data: Uint8Array): Uint8Array {
    const transactionId = this.#options.crypto.randomBytes(12);
    return writeStun({
      ...{ class: "Indication", method: methods.Data, transactionId },
      attributes: [
        xorAddress(attributeTypes.XOR_PEER_ADDRESS, peer, transactionId),
        { type: attributeTypes.DATA, value: data },
      ],
    });
  }

  #counts(allocation: Allocation, { length }: Uint8Array, now: Millis): boolean {
    if (!allocation.counts(length, now)) return false;
    this.packets++;
    this.bytes += length;
    return true;
  }

  /** Whether this relay may talk to this peer at the moment. */
  judge(peer: Address, { bound, told }: Relay): PeerVerdict {
    const { peers } = this.#options;
    const isRelay = (address: Address) => this.#allocations.relays.at(address) !== undefined;
    // Only where the client came to: who comes from outside does not reach loopback by us, nor
    // an address that this machine has in a network behind it.
    const isHere = ({ host }: Address) => host === bound.host || host === told.host;
    const world: PeerWorld = {
      isOwn: (host) => peers.isOwn(host),
      isOwnMedia: (address) => isHere(address) && peers.isOwnMedia(address),
      isOpened: (host, how) => peers.isOpened(host, how),
    };
    return judgePeer(peer, world, isRelay);
  }
}

/** The one of the peer's family. */
const relayTowards = ({ relays }: Allocation, { host }: Address): Relay | undefined =>
  relays.get(host.includes(":") ? 6 : 4);
