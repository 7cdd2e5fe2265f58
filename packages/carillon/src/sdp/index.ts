/**
 * Session descriptions and offer/answer: `carillon/sdp`. RFC 8866, RFC 3264.
 *
 * `parseSdp` and `formatSdp` keep a description as it is; attributes are read from its lines by
 * the constant of their name (`readAttribute(section.lines, rtpmap)`). `offer`, `reoffer`,
 * `answer` and `checkAnswer` make and judge descriptions from what this end can do (`LocalMedia`).
 * `offerAnswer` says which SIP message may carry one (RFC 6337), and `reception` where media has to
 * be listened for: two pure machines, each a namespace with `start` and `step`.
 *
 * ```ts
 * import { answer, checkAnswer, type LocalMedia, offer } from "carillon/sdp";
 *
 * const alice: LocalMedia = {
 *   origin: {
 *     ...{ username: "-", sessionId: "7", sessionVersion: "1" },
 *     ...{ netType: "IN", addressType: "IP4", address: "192.0.2.1" },
 *   },
 *   address: { addressType: "IP4", address: "192.0.2.1" },
 *   streams: [
 *     {
 *       ...{ media: "audio", protos: ["RTP/AVP"], port: 4000 },
 *       codecs: [{ encoding: "opus", clockRateHz: 48_000, channels: 2 }],
 *     },
 *   ],
 * };
 * const bob: LocalMedia = { ...alice, address: { addressType: "IP4", address: "192.0.2.2" } };
 *
 * const offered = offer(alice).description;
 * const answered = answer(offered, bob).description;
 * const agreed = checkAnswer(offered, answered);
 * if (!agreed.ok) throw new Error(agreed.error.message);
 * console.log(agreed.value[0]?.direction, agreed.value[0]?.codecs[0]?.encoding); // sendrecv opus
 * ```
 */
export type { Octets } from "../grammar/octets.ts";
export type { ParseError, Result } from "../grammar/result.ts";
export type { Agreed } from "./agreed.ts";
export {
  type AgreedCodec,
  type AgreedCrypto,
  type AgreedSlot,
  agreedMedia,
} from "./agreed-media.ts";
export { type Answer, type AnsweredSlot, answer, refusesAll } from "./answer.ts";
export type { Refusal } from "./answer-stream.ts";
export {
  type AttributeType,
  attributeLine,
  flagLine,
  hasAttribute,
  readAttribute,
  readAttributes,
} from "./attribute/attribute-type.ts";
export {
  type AddressKind,
  addressKind,
  type Candidate,
  type CandidateExtension,
  candidate,
  endOfCandidates,
  type RemoteCandidate,
  remoteCandidates,
  type TcpType,
} from "./attribute/candidate.ts";
export { content } from "./attribute/content.ts";
export {
  type CryptoAttribute,
  crypto,
  formatSrtpKey,
  isKeyOfSuite,
  type KeyParam,
  parseSrtpKey,
  SRTP_SUITES,
  type SrtpKey,
} from "./attribute/crypto.ts";
export { type Dcmap, type Dcsa, dcmap, dcsa } from "./attribute/data-channel.ts";
export {
  answeredDirection,
  type Direction,
  directionLine,
  directionOf,
  heldDirection,
  inactive,
  receives,
  recvonly,
  reversed,
  sendonly,
  sendrecv,
  sends,
} from "./attribute/direction.ts";
export { type Extmap, extmap, extmapAllowMixed } from "./attribute/extmap.ts";
export {
  type FileDate,
  type FileHash,
  type FileRange,
  type FileSelector,
  fileDate,
  fileDisposition,
  fileIcon,
  fileRange,
  fileSelector,
  fileTransferId,
} from "./attribute/file-transfer.ts";
export { type Fingerprint, fingerprint, isUsableFingerprint } from "./attribute/fingerprint.ts";
export {
  type Fmtp,
  type FmtpParams,
  fmtp,
  formatFmtpParams,
  parseFmtpParams,
} from "./attribute/fmtp.ts";
export { framerate } from "./attribute/framerate.ts";
export { bundleOnly, type Group, group, mid } from "./attribute/group.ts";
export {
  type H264Params,
  type H264Profile,
  h264Fmtp,
  h264Level,
  h264Params,
  h264Profile,
  profileLevelId,
} from "./attribute/h264-params.ts";
export {
  type IceCredentials,
  iceCredentialsOf,
  iceLite,
  iceMismatch,
  iceOptions,
  icePacing,
  icePwd,
  iceUfrag,
} from "./attribute/ice.ts";
export { type Imageattr, imageattr } from "./attribute/imageattr.ts";
export { label } from "./attribute/label.ts";
export { type Msid, type MsidSemantic, msid, msidSemantic } from "./attribute/msid.ts";
export {
  acceptTypes,
  acceptWrappedTypes,
  formatMsrpUri,
  type MsrpUri,
  maxSize,
  parseMsrpUri,
  path,
} from "./attribute/msrp.ts";
export {
  OPUS_DEFAULTS,
  type OpusParams,
  opusFmtp,
  opusParams,
} from "./attribute/opus-params.ts";
export { maxptime, ptime } from "./attribute/ptime.ts";
export { type RecordIndication, record } from "./attribute/record.ts";
export { type Rid, type RidParam, rid } from "./attribute/rid.ts";
export {
  type Rtcp,
  type RtcpAddress,
  rtcp,
  rtcpMux,
  rtcpMuxOnly,
  rtcpRsize,
} from "./attribute/rtcp.ts";
export { feedbackName, type RtcpFb, rtcpFb } from "./attribute/rtcp-fb.ts";
export { type Rtpmap, rtpmap, STATIC_RTPMAPS } from "./attribute/rtpmap.ts";
export { DEFAULT_MAX_MESSAGE_BYTES, maxMessageSize, sctpPort } from "./attribute/sctp.ts";
export { type ConnectionUse, connectionUse, type Setup, setup } from "./attribute/setup.ts";
export {
  type Simulcast,
  type SimulcastId,
  type SimulcastStream,
  simulcast,
} from "./attribute/simulcast.ts";
export { type Ssrc, type SsrcGroup, ssrc, ssrcGroup } from "./attribute/ssrc.ts";
export { readT38, type T38, type T38ErrorCorrection, t38Lines } from "./attribute/t38.ts";
export {
  DEFAULT_EVENTS,
  formatEvents,
  parseEvents,
  type TelephoneEvents,
} from "./attribute/telephone-events.ts";
export { tlsId } from "./attribute/tls-id.ts";
export { type VideoParams, videoFmtp, videoParams } from "./attribute/video-params.ts";
export { capabilities, sessionIdOf } from "./capabilities.ts";
export { checkAnswer } from "./check-answer.ts";
export { checkOffer } from "./check-offer.ts";
export { type Codec, type CodecName, codecsOf, isSameCodec } from "./codec.ts";
export type { PlannedCodec } from "./describe-stream.ts";
export { connectionOf, type Description, formatSdp, originOf, parseSdp } from "./description.ts";
export type { KnownCodecs } from "./known-codecs.ts";
export {
  type Attribute,
  type Bandwidth,
  type Connection,
  formatLine,
  type Key,
  type Line,
  type Origin,
  type OtherLine,
  type Repeat,
  type TextLine,
  type Timing,
  type VersionLine,
  type Zone,
} from "./line.ts";
export {
  held,
  type LocalAddress,
  type LocalCodec,
  type LocalDtls,
  type LocalHeaderExtension,
  type LocalIce,
  type LocalMedia,
  type LocalStream,
} from "./local-media.ts";
export { hasFeedback, isRtp, isTls, type MediaSection } from "./media-section.ts";
export { type Offer, offer, reoffer } from "./offer.ts";
/** Which SIP message carries an offer, which an answer, and which neither. RFC 6337. */
export * as offerAnswer from "./offer-answer.ts";
export {
  type Grouped,
  grouped,
  isBundleOnly,
  isDisabled,
  midOf,
  type PeerTransport,
  peerTransport,
} from "./offered-media.ts";
export { hasChanged, isSameOrigin, versioned } from "./origin-version.ts";
export { typedSeconds } from "./read-line.ts";
/** Where media has to be listened for, from the first offer to the end. RFC 3264 §5.1, §8.3. */
export * as reception from "./reception.ts";
export { type Fragment, parseFragment, type TrickledCandidate } from "./trickle-fragment.ts";
