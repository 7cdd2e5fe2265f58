/**
 * What the back-to-back agent needs of media: a port in the shape of rtpengine's ng protocol, a
 * description in and a description out. An engine runs in this process, in children of it, or on
 * another machine; the agent owns the dialogs and knows nothing of packets.
 *
 * A call is named by a text that the agent makes, a side of it by its tag. Each method may answer
 * at once or later (`Pending`), and none throws for what a peer has sent: what cannot be done is a
 * refusal. A call that the engine has never heard of, or has ended, is refused with 481, and verbs
 * without an answer are passed over then: a lost engine and a hung up phone may meet.
 */
import type { Answer } from "../roles/answer.ts";

/**
 * What a side speaks. `rtp`: plain RTP/AVP. `srtp`: RTP/SAVP with keys in the description (SDES,
 * RFC 4568). `webrtc`: ICE, DTLS-SRTP, BUNDLE, rtcp-mux. `any`: as its own description says where
 * it offers; where it is offered something, plain RTP with whatever else it may take beside it.
 */
export type SideTransport = "rtp" | "srtp" | "webrtc" | "any";

/** Where media of one side come to: IP addresses of ours, IPv4 or IPv6 (without brackets). */
export interface OwnAddress {
  /** As that side sees it: what stands in `c=` and in candidates. */
  readonly address: string;
  /**
   * Where its sockets are bound, if that is another one: behind a NAT that passes on the ports of
   * media. Of the same family.
   */
  readonly bound?: string;
}

/** One side of a call, as the engine has to treat it. */
export interface Side extends OwnAddress {
  /** Names it within the call: one for the caller, one for each branch. Never used again there. */
  readonly tag: string;
  /** What it speaks. */
  readonly transport: SideTransport;
  /**
   * The addresses in its descriptions cannot be believed, and its packets may come from elsewhere:
   * answer to where they come from.
   */
  readonly isBehindNat: boolean;
}

/** What an offer should be, beyond what the other side offers. */
export interface OfferWish {
  /** Sections of video are left out: the operator's, or that side's wish. */
  readonly audioOnly?: boolean;
  /** That side gets new addresses and keys: ICE restarts (RFC 8445 §9), new ports elsewhere. */
  readonly restart?: boolean;
  /**
   * How the sections of sound may flow, as the engine's own peer would say it: `originate` of a
   * line that only plays is `sendonly`. RFC 8866 §6.7. `sendrecv` if left out.
   */
  readonly direction?: "sendrecv" | "sendonly" | "recvonly" | "inactive";
  /** Codecs by their encoding names, in order of preference, where not all of the engine's. */
  readonly codecs?: readonly string[];
}

/** What became of a side's media, for people and for `Carillon-Bridge`. */
export interface SideMedia {
  /** What is spoken there now. */
  readonly transport: "rtp" | "srtp" | "webrtc";
  /** The codec of its sound, as in `a=rtpmap`: `opus`, `PCMA`. Undefined until one is agreed. */
  readonly codec?: string;
  /** Packets there are encrypted: SRTP by DTLS or SDES. */
  readonly isEncrypted: boolean;
  /** How its packets go, once known: straight to it, or over a TURN server of its own. */
  readonly path?: "direct" | "relay";
  /** `passed`: seen at both ends; `dropped`: asked for, and not possible; `none`: nobody asked. */
  readonly video: "passed" | "dropped" | "none";
  /** Where it is dropped, why, as a person reads it: `they have no video format in common`. */
  readonly why?: string;
}

/** A description for one side, and what is agreed with each so far. */
export interface Described {
  /** A whole session description, in the form of `MediaSession`: text with CRLF. RFC 8866. */
  readonly sdp: string;
  /** By tag. Sides of which nothing is known yet are missing. */
  readonly sides: Readonly<Record<string, SideMedia>>;
}

/** Why the engine does not do it. */
export interface MediaRefusal {
  /**
   * What whoever asked is answered: 488 for descriptions with nothing in common, 400 for one that
   * cannot be read, 481 for a call the engine does not know, 503 where it has no room or no worker.
   */
  readonly status: 400 | 481 | 488 | 491 | 500 | 503;
  /** For people, in one line, with what was lacking: `no format in common: they have G729 only`. */
  readonly why: string;
  /** The warn-code that says the same to programs: 304 media, 305 format. RFC 3261 §20.43. */
  readonly warning?: number;
  /** With 503: seconds after which it may be tried again. */
  readonly retryAfterSeconds?: number;
}

/** What the engine says: look at `ok` first. */
export type MediaResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: MediaRefusal };

/** A result, at once or later. */
export type MediaAnswer<T> = Answer<MediaResult<T>>;

/** What can be played to a side. */
export type Playable =
  | {
      readonly kind: "Tone";
      /** 1 to 3999. */
      readonly hz: number;
      /** For ever if left out. */
      readonly durationMs?: number;
    }
  | {
      readonly kind: "Files";
      /** One after the other, without a gap: Ogg with Opus, or WAV. */
      readonly paths: readonly string[];
      /** How many times all of them; once if left out, `Infinity` until it is stopped. */
      readonly repeat?: number;
      /** Silence between two rounds. */
      readonly delayMs?: number;
      /** It is over after so long, wherever it is by then. */
      readonly durationMs?: number;
    }
  | { readonly kind: "Silence"; readonly durationMs: number }
  /** The time of day, in words and with a tone every ten seconds, until it is stopped. */
  | { readonly kind: "Clock" };

/** Numbers of one side's sound since it began. */
export interface SideStatistics {
  /** As in `SideMedia`. */
  readonly media: SideMedia;
  /** RTP packets that came from that side. */
  readonly packetsReceived: number;
  /** RTP packets that went to it. */
  readonly packetsSent: number;
  /** Octets of the payload that came. */
  readonly octetsReceived: number;
  /** Octets of the payload that went. */
  readonly octetsSent: number;
  /** Packets of that side that never came. */
  readonly packetsLost: number;
  /** Mean deviation of their spacing. RFC 3550 §6.4.1. */
  readonly jitterMs: number;
  /** There and back, by RTCP, where that side reports. */
  readonly roundTripMs?: number;
  /** Packets that were no good: no RTP, not authentic, from a stranger. */
  readonly packetsRefused: number;
  /** Mean opinion score of what comes from that side, 1 to 4.5. ITU-T G.107. */
  readonly mos?: number;
}

/** Numbers of a call. */
export interface CallStatistics {
  /** By tag. */
  readonly sides: Readonly<Record<string, SideStatistics>>;
  /** Which worker has it, for the operator. */
  readonly worker: string;
  /** Sound is decoded and encoded anew between the sides. */
  readonly isTranscoded: boolean;
}

/** Where a recording goes. */
export interface Recording {
  /** A file that is made new; `call-2.ogg` instead of `call.ogg` where that is there already. */
  readonly path: string;
  /** Ogg: sound only. WebM: sound and pictures. */
  readonly format: "ogg" | "webm";
  /** What it may last: six hours if left out. */
  readonly maxMs?: number;
  /** Octets of all of its files: 2 GiB if left out. */
  readonly maxBytes?: number;
}

/** What happens to media without being asked. */
export type MediaEvent =
  | {
      /** A worker died: these calls have no media any more until each side is re-offered. */
      readonly kind: "Lost";
      readonly calls: readonly string[];
      readonly why: string;
    }
  | {
      /** One side has no way any more, and will not get one by itself: ICE failed, no socket. */
      readonly kind: "Failed";
      readonly call: string;
      readonly tag: string;
      readonly why: string;
    }
  | {
      /** No packet of that side for this long, though it said that it sends. */
      readonly kind: "Silent";
      readonly call: string;
      readonly tag: string;
      readonly sinceMs: number;
    }
  | {
      /** A key that was pressed at that side, once it was let go of. */
      readonly kind: "Dtmf";
      readonly call: string;
      readonly tag: string;
      /** `0` to `9`, `*`, `#`, `A` to `D`. */
      readonly tone: string;
      readonly durationMs: number;
      /** Heard as sound, and not as telephone-event (RFC 4733). */
      readonly isInBand: boolean;
      /**
       * It could not be passed on in the media of the other side: that one hears it by INFO, if at
       * all.
       */
      readonly isUnsaid: boolean;
    }
  | {
      /** What is said is being written into this file from now on. */
      readonly kind: "Recording";
      readonly call: string;
      readonly path: string;
    }
  | {
      /** The files of a recording are whole, in their order; none where none could be made. */
      readonly kind: "Recorded";
      readonly call: string;
      readonly paths: readonly string[];
      /** Why it is over or never began, in words, where nobody ended it. */
      readonly why?: string;
    }
  | {
      /** What was played there is over, and not because it was stopped. */
      readonly kind: "Played";
      readonly call: string;
      readonly tag: string;
    };

/** The media of calls between two sides, or with the engine itself as the other side. */
export interface MediaEngine {
  /**
   * `from` offers: the value is what `to` is offered. `to` becomes another branch of the call by
   * that, and its answers go to `from`. A later offer of either side is of the same call: hold,
   * video added, an ICE restart. Nothing that was agreed before changes until it is answered.
   *
   * Refusals: 400, 488, 503; 491 while another offer between the two is open.
   */
  offer(call: string, from: Side, to: Side, sdp: string, wish?: OfferWish): MediaAnswer<Described>;
  /**
   * `from` answers the last offer that went to it: the value is the answer for `to`, who offered.
   * `isEarly`: in a provisional response, so that others may follow from other branches, and the
   * one that is final replaces it. A final answer decides which branch `to` hears.
   */
  answer(
    call: string,
    from: Side,
    to: Side,
    sdp: string,
    isEarly?: boolean,
  ): MediaAnswer<Described>;
  /** The last offer from this side came to nothing: what was agreed before holds. */
  withdraw(call: string, from: string): void;
  /** A side without another one: the engine is the peer itself. That side offered this. */
  terminate(call: string, side: Side, offer: string): MediaAnswer<Described>;
  /** The same where that side sent no offer: ours for it. Its answer comes with `accept`. */
  originate(call: string, side: Side, wish?: OfferWish): MediaAnswer<Described>;
  /** That side's answer to what `originate` or `reoffer` gave for it. */
  accept(call: string, side: Side, answer: string): MediaAnswer<Described>;
  /**
   * What this side is to be offered anew after its worker was lost, or because the address of ours
   * that it sees is another: with all that was agreed before, over new addresses and keys, so that
   * ICE restarts (RFC 8445 §9). With `restart: false` in the wish: as things stand, addresses and
   * keys as they are, for a side that asks for an offer (a re-INVITE without one). Its answer comes
   * with `accept`.
   */
  reoffer(call: string, to: Side, wish?: OfferWish): MediaAnswer<Described>;
  /** Plays this to that side, instead of the other side, or of what was played before. */
  play(call: string, tag: string, what: Playable): void;
  /** Plays no longer; the other side is heard again. */
  stop(call: string, tag: string): void;
  /** That side hears itself, so much later. */
  echo(call: string, tag: string, delayMs: number): void;
  /**
   * Records what all sides say, into one file; instead of what is recorded of it already. All
   * descriptions for its sides say so from then on (`a=record:on`, RFC 7866 §7.1.2).
   */
  record(call: string, what: Recording): void;
  /** The file is whole after this. Also `end` does it. */
  stopRecording(call: string): void;
  /** Keys towards that side, in the way it takes them: `0` to `9`, `*`, `#`, `A` to `D`. */
  dtmf(call: string, tag: string, tones: string): void;
  /** Numbers of a call, or undefined for one that is not known. */
  statistics(call: string): Answer<CallStatistics | undefined>;
  /** One branch's side is over, or the whole call. What is asked about it later is refused. */
  end(call: string, tag?: string): void;
  /** Set by the agent. Called inside of a `Call` input of the endpoint, never within a method. */
  onevent?: ((event: MediaEvent) => void) | undefined;
}
