/** Every flow, in the order in which the page tells them; and those not played, with why. */

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
import { earlyMediaForked, earlyMediaGateway, earlyMediaRefused } from "./early-media.ts";
import type { Flow } from "./flow.ts";
import {
  findMe,
  forwardedBusy,
  forwardedByCaller,
  forwardedByServer,
  forwardedNoAnswer,
  screenedOut,
} from "./forwarding.ts";
import { registrationCancel } from "./registration-cancel.ts";
import { registrationFetch } from "./registration-fetch.ts";
import { registrationLeave } from "./registration-leave.ts";
import { registrationNew } from "./registration-new.ts";
import { registrationPage } from "./registration-page.ts";
import { registrationRefused } from "./registration-refused.ts";
import { registrationUpdate } from "./registration-update.ts";

import { consultationHold, thirdPartyAdded, thirdPartyJoins } from "./several-calls.ts";
import { callPark, callPickup, clickToDial, transferByMessage } from "./taken-over.ts";
import {
  transferAttended,
  transferExposed,
  transferOtherWay,
  transferProtected,
  transferSemiAttended,
} from "./transfer-attended.ts";
import {
  transferBasic,
  transfereeRefuses,
  transferTargetBusy,
  transferTargetDeclines,
  transferUnattended,
} from "./transfer-basic.ts";

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
  transferUnattended,
  transferBasic,
  transferTargetBusy,
  transferTargetDeclines,
  transfereeRefuses,
  transferExposed,
  transferProtected,
  transferAttended,
  transferOtherWay,
  transferSemiAttended,
  forwardedByCaller,
  forwardedByServer,
  forwardedBusy,
  forwardedNoAnswer,
  thirdPartyAdded,
  thirdPartyJoins,
  findMe,
  screenedOut,
  transferByMessage,
  callPark,
  callPickup,
  clickToDial,
  earlyMediaGateway,
  earlyMediaRefused,
  earlyMediaForked,
];

/** Flows of these RFCs that make no sense here, or not yet. */
export const NOT_PLAYED: readonly (readonly [source: string, why: string])[] = [
  [
    "RFC 3665 §3.5, a session through a SIP ALG",
    "an ALG rewrites what others say on its way. Nothing here does: who is behind a NAT is " +
      "reached by the flow that it registered over, and media find their own way (ICE)",
  ],
  [
    "RFC 5359 §2.3, music on hold from a server",
    "it takes a music server, and a phone that plays the controller of three " +
      "parties. A phone here " +
      "that holds offers a=sendonly, and may send music itself",
  ],
  ["RFC 5359 §2.13, screening of calls that come in", "it takes a service that asks the caller"],
  [
    "RFC 5359 §2.17, automatic redial",
    "it watches another phone's dialogs (RFC 4235): `carillon/events` does, no flow " +
      "draws it yet. " +
      "In §2.15 and §2.16 the watching is left out for the same reason",
  ],
  [
    "RFC 5589 §6.1, the REFER in a dialog of its own",
    "phones here send it in the dialog of the call (§6.2), which needs no Target-Dialog",
  ],
  [
    "RFC 5589 §7.7, fallback to a basic transfer when the target knows no Replaces",
    "that is two transfers one after the other, each of which is here; no phone here " +
      "falls back by " +
      "itself",
  ],
  [
    "RFC 5589 §10 and §11, several transferees, and gateways that are one and the same",
    "they take a conference server, and two gateways",
  ],
  [
    "RFC 3960 §4, the application server model",
    "it takes the early-session disposition (RFC 3959), which nothing here speaks",
  ],
];
