/** Every flow, in the order in which the page tells them; and those not played, with why. */

import { automaticRedial } from "./automatic-redial.ts";
import {
  bridgedAttended,
  bridgedCall,
  bridgedFork,
  bridgedHold,
  bridgedLateOffer,
  bridgedTransfer,
  bridgedWorkerLost,
  connectedCall,
} from "./bridged.ts";
import { callBusy } from "./call-busy.ts";
import { callCalleeOffline } from "./call-callee-offline.ts";
import { callCallerGone } from "./call-caller-gone.ts";
import { callChallenged } from "./call-challenged.ts";
import { callDeclined } from "./call-declined.ts";
import { callDirect } from "./call-direct.ts";
import { callForked } from "./call-forked.ts";
import { callHold } from "./call-hold.ts";
import { callNoAnswer } from "./call-no-answer.ts";
import { callNoResponse } from "./call-no-response.ts";
import { callProxySilent } from "./call-proxy-silent.ts";
import { callReInvite } from "./call-re-invite.ts";
import { callRedirected } from "./call-redirected.ts";
import { callServerRestarted } from "./call-server-restarted.ts";
import { callSessionSetup } from "./call-session-setup.ts";
import { callTwoChallenges } from "./call-two-challenges.ts";
import { callTwoProxies } from "./call-two-proxies.ts";
import { callUnavailable } from "./call-unavailable.ts";
import {
  earlyMediaForked,
  earlyMediaGateway,
  earlyMediaRefused,
  earlyMediaServers,
} from "./early-media.ts";
import { behindEdge, edgeDies, serverBusy } from "./edges.ts";
import type { Flow } from "./flow.ts";
import {
  findMe,
  forwardedBusy,
  forwardedByCaller,
  forwardedByServer,
  forwardedNoAnswer,
} from "./forwarding.ts";
import { musicOnHold } from "./music-on-hold.ts";
import { calledByGruu, twoFlows, wokenInACall, wokenUp } from "./reached.ts";
import { registrationCancel } from "./registration-cancel.ts";
import { registrationFetch } from "./registration-fetch.ts";
import { registrationLeave } from "./registration-leave.ts";
import { registrationNew } from "./registration-new.ts";
import { registrationPage } from "./registration-page.ts";
import { registrationRefused } from "./registration-refused.ts";
import { registrationUpdate } from "./registration-update.ts";
import { screenedIn, screenedOut } from "./screening.ts";
import { consultationHold, thirdPartyAdded, thirdPartyJoins } from "./several-calls.ts";
import { callPark, callPickup, clickToDial, transferByMessage } from "./taken-over.ts";
import {
  transferAttended,
  transferExposed,
  transferOtherWay,
  transferProtected,
  transferSemiAttended,
  transferToDevice,
} from "./transfer-attended.ts";
import {
  transferBasic,
  transfereeRefuses,
  transferOwnDialog,
  transferTargetBusy,
  transferTargetDeclines,
  transferTargetSilent,
  transferUnattended,
} from "./transfer-basic.ts";
import { transferConference } from "./transfer-conference.ts";
import { fallbackAtOnce, fallbackLater, retriedAtContact } from "./transfer-fallback.ts";
import { gatewayHairpin, transferSeveral } from "./transfer-several.ts";

/** The flows of docs/flows.md, in its order. */
export const allFlows: readonly Flow[] = [
  registrationNew,
  registrationUpdate,
  registrationFetch,
  registrationCancel,
  registrationLeave,
  registrationRefused,
  registrationPage,
  callDirect,
  callChallenged,
  callTwoProxies,
  callTwoChallenges,
  callProxySilent,
  callRedirected,
  callSessionSetup,
  callServerRestarted,
  callReInvite,
  callHold,
  callNoAnswer,
  callBusy,
  callNoResponse,
  callUnavailable,
  callDeclined,
  callForked,
  callCalleeOffline,
  callCallerGone,
  consultationHold,
  musicOnHold,
  transferUnattended,
  transferByMessage,
  forwardedByCaller,
  forwardedByServer,
  forwardedBusy,
  forwardedNoAnswer,
  thirdPartyAdded,
  thirdPartyJoins,
  findMe,
  screenedIn,
  screenedOut,
  callPark,
  callPickup,
  automaticRedial,
  clickToDial,
  transferOwnDialog,
  transferBasic,
  transferTargetBusy,
  transferTargetDeclines,
  transferTargetSilent,
  transfereeRefuses,
  transferExposed,
  transferProtected,
  transferToDevice,
  transferOtherWay,
  transferAttended,
  retriedAtContact,
  transferSemiAttended,
  fallbackAtOnce,
  fallbackLater,
  transferConference,
  transferSeveral,
  gatewayHairpin,
  earlyMediaGateway,
  earlyMediaRefused,
  earlyMediaForked,
  earlyMediaServers,
  bridgedCall,
  bridgedLateOffer,
  bridgedHold,
  bridgedFork,
  bridgedTransfer,
  bridgedAttended,
  bridgedWorkerLost,
  connectedCall,
  twoFlows,
  calledByGruu,
  wokenUp,
  wokenInACall,
  behindEdge,
  edgeDies,
  serverBusy,
];

/** Flows of these RFCs that make no sense here, or not yet. */
export const NOT_PLAYED: readonly (readonly [source: string, why: string])[] = [
  [
    "RFC 3665 §3.5, a session through a SIP ALG",
    "an ALG rewrites what others say on its way. Nothing here does: who is behind a NAT is " +
      "reached by the flow that it registered over, and media find their own way (ICE)",
  ],
  [
    "RFC 5589 §7.6, figures 12 and 13, a semi-attended transfer with a CANCEL",
    "the RFC draws them to advise against them, for their races. §7.6 and §11.2 are played as it " +
      "recommends",
  ],
  [
    "RFC 5589 §8, the signed token of Referred-By",
    "it is S/MIME, and people have no certificates here. Referred-By itself is in every transfer",
  ],
];
