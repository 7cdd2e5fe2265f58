/**
 * The way of encrypted media to one peer: ICE and DTLS-SRTP by libdatachannel. RTP and RTCP
 * packets go in and come out as they are. RFC 8445, RFC 5763, RFC 5764.
 */

import type { Candidate } from "carillon/sdp";
import { CheckHolder } from "./checks-held.ts";
import { keepUntilClosed, type PeerConnection, type Track, takeLibrary } from "./libdatachannel.ts";
import { LinkChannel } from "./link-channel.ts";
import {
  candidateText,
  describeLink,
  isUsable,
  type LinkEnd,
  readLink,
} from "./link-description.ts";

/** Where a link looks for its way. */
export interface DtlsLinkOptions {
  /** Only this address of the machine is used; all of them if left out. */
  readonly address?: string;
  /** `stun:example.com:3478`, `turn:user:password@example.com:3478`; none if left out. */
  readonly iceServers?: readonly string[];
  /** The UDP ports to take one of. */
  readonly ports?: { readonly first: number; readonly last: number };
  /**
   * Data channels beside media: told of each that the other side opens. There are none without it.
   * RFC 8831
   */
  readonly onchannel?: (channel: LinkChannel) => void;
}

/**
 * The way of encrypted media to one peer, by libdatachannel: RTP and RTCP packets go in and come
 * out as they are. Made by `open`; set the handlers before the other end is told of it. RFC 8445,
 * RFC 5763, RFC 5764
 */
export class DtlsLink {
  /** What the other end is to be told. */
  readonly local: LinkEnd;
  /** An RTP or RTCP packet has come, decrypted. */
  onpacket: ((packet: Uint8Array) => void) | undefined;
  /** The certificate of the other side has been verified, and packets can go. */
  onopen: (() => void) | undefined;
  /** No way was found, or none is left. */
  onlost: (() => void) | undefined;
  /** The other side has ended the association (RFC 6347: close_notify). */
  onended: (() => void) | undefined;
  readonly #connection: PeerConnection;
  readonly #track: Track;
  readonly #letIn: (() => void) | undefined;
  #candidates: readonly Candidate[];
  #isClosed = false;
  #isLost = false;

  private constructor(made: Made) {
    this.local = made.local;
    this.#connection = made.connection;
    this.#track = made.track;
    this.#letIn = made.letIn;
    this.#candidates = made.remote?.candidates ?? [];
    made.track.onMessage((packet) => this.#tell(() => this.onpacket?.(packet)));
    made.track.onOpen(() => this.#tell(() => this.onopen?.()));
    made.connection.onStateChange((state) => {
      if (state === "failed") this.#lost();
      if (state === "disconnected") this.#tell(() => this.onended?.());
    });
  }

  /** Once. */
  #lost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#tell(() => this.onlost?.());
  }

  /** What a handler throws is an exception like others; in the library it would end the process. */
  #tell(handler: () => void): void {
    if (this.#isClosed) return;
    try {
      handler();
    } catch (cause) {
      setImmediate(() => {
        throw cause;
      });
    }
  }

  /**
   * With all candidates gathered, or after 2 s. Towards an offer `remote` is who made it; without,
   * we offer, and `connect` comes with the answer. Rejects where libdatachannel cannot be loaded,
   * or has no socket.
   */
  static async open(options: DtlsLinkOptions, remote?: LinkEnd): Promise<DtlsLink> {
    const library = await takeLibrary();
    let connection: PeerConnection | undefined;
    const holder = remote ? undefined : await CheckHolder.load();
    const near = holder?.nextNumber() ?? 0;
    try {
      connection = new library.PeerConnection("carillon", configOf(options));
      const quiet = remote && { ...remote, candidates: [] };
      const { onchannel } = options;
      if (quiet) connection.setRemoteDescription(describeLink(quiet, !!onchannel), "offer");
      const audio = new library.Audio("0", "SendRecv");
      audio.addAudioCodec(0, "PCMU/8000");
      const track = connection.addTrack(audio);
      keepUntilClosed(track);
      connection.onDataChannel((channel) => onchannel?.(new LinkChannel(channel)));
      connection.setLocalDescription(remote ? "answer" : "offer");
      await gathered(connection);
      const { sdp } = connection.localDescription() ?? { sdp: "" };
      const local = readLink(sdp);
      const port = local.candidates.find(({ type }) => type === "host")?.port;
      const letIn = port === undefined ? undefined : holder?.hold(port, near);
      return new DtlsLink({ connection, track, local, remote, letIn });
    } catch (cause) {
      connection?.close();
      throw cause;
    }
  }

  /**
   * To whom we answer: goes to look for them. Until then it only answers their checks, which may
   * well be enough.
   */
  begin(): void {
    if (this.#isClosed) return;
    const all = this.#candidates;
    this.#candidates = [];
    this.#unlessOver(() => {
      for (const each of all) this.#connection.addRemoteCandidate(candidateText(each), "0");
    });
  }

  /** The answer to our offer. Throws about what libdatachannel cannot use. */
  connect(remote: LinkEnd): void {
    if (this.#isClosed) return;
    this.#unlessOver(() => {
      this.#connection.setRemoteDescription(describeLink(remote), "answer");
    });
    this.#letIn?.();
  }

  /** A candidate of theirs that was told later; what cannot be tried is passed over. RFC 8838 */
  addCandidate(theirs: Candidate): void {
    if (this.#isClosed || !isUsable(theirs)) return;
    if (this.#candidates.length > 0) this.#candidates = [...this.#candidates, theirs];
    else {
      this.#unlessOver(() => {
        this.#connection.addRemoteCandidate(candidateText(theirs), "0");
      });
    }
  }

  /** What libdatachannel has closed by itself is lost; it may not have said so yet. */
  #unlessOver(run: () => void): void {
    try {
      run();
    } catch (cause) {
      if (!OVER.test(String(cause))) throw cause;
      setImmediate(() => this.#lost());
    }
  }

  /** Whether it goes over a TURN server of theirs; undefined before a way was found. */
  get isRelayed(): boolean | undefined {
    if (this.#isClosed) return undefined;
    const pair = this.#connection.getSelectedCandidatePair();
    return pair ? [pair.local, pair.remote].some(({ type }) => type === "relay") : undefined;
  }

  /** Whether packets can go. */
  get isOpen(): boolean {
    return !this.#isClosed && this.#track.isOpen();
  }

  /** Packets that cannot go yet, or no more, are dropped: false. */
  send(packet: Uint8Array): boolean {
    if (!this.isOpen) return false;
    return this.#track.sendMessageBinary(asBuffer(packet));
  }

  /** Ends it, at once, and calls no handler any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#track.close();
    this.#connection.close();
  }
}

interface Made {
  readonly connection: PeerConnection;
  readonly track: Track;
  readonly local: LinkEnd;
  readonly remote: LinkEnd | undefined;
  readonly letIn: (() => void) | undefined;
}

const configOf = ({ address, iceServers = [], ports }: DtlsLinkOptions) => ({
  iceServers: [...iceServers],
  disableAutoNegotiation: true,
  ...(address !== undefined && { bindAddress: address }),
  ...(ports && { portRangeBegin: ports.first, portRangeEnd: ports.last }),
});

/** A STUN server that is silent is not waited for any longer. */
async function gathered(connection: PeerConnection): Promise<void> {
  if (connection.gatheringState() === "complete") return;
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, GATHERING_MS);
    connection.onGatheringStateChange((state) => {
      if (state !== "complete") return;
      clearTimeout(late);
      resolve();
    });
  });
}

/**
 * It ended while we were on our way to it: the other side has closed its end already, or was faster
 * than its own answer where nothing holds its checks back.
 */
const OVER = /without ICE transport/;

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const GATHERING_MS = 2000;
