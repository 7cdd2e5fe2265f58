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
import type { Flow } from "./flow.ts";
import { registrationCancel } from "./registration-cancel.ts";
import { registrationFetch } from "./registration-fetch.ts";
import { registrationLeave } from "./registration-leave.ts";
import { registrationNew } from "./registration-new.ts";
import { registrationPage } from "./registration-page.ts";
import { registrationRefused } from "./registration-refused.ts";
import { registrationUpdate } from "./registration-update.ts";

import {
  transferBasic,
  transfereeRefuses,
  transferTargetBusy,
  transferTargetDeclines,
  transferUnattended,
} from "./transfer-basic.ts";

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
  transferUnattended,
  transferBasic,
  transferTargetBusy,
  transferTargetDeclines,
  transfereeRefuses,
];

/** Flows of RFC 3665 that make no sense here, or not yet. */
export const NOT_PLAYED: readonly (readonly [source: string, why: string])[] = [
  [
    "RFC 3665 §3.5, a session through a SIP ALG",
    "an ALG rewrites what others say on its way. Nothing here does: who is behind a NAT is " +
      "reached by the flow that it registered over, and media find their own way (ICE)",
  ],
];
