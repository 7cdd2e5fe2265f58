/** Every machine of the layers up to here, drawn. docs/machines.md shows them in this order. */
import type { Picture } from "../picture.ts";
import { composingReceiver, composingSender } from "./composing.ts";
import { dialog } from "./dialog.ts";
import { failover, suspects } from "./failover.ts";
import { framing } from "./framing.ts";
import { dnsCache, enumeration, locate } from "./locate.ts";
import { announcement, neighbourhood } from "./neighbours.ts";
import { notifier } from "./notifier.ts";
import { offerAnswer, reception } from "./offer-answer.ts";
import { publicationState } from "./publication-state.ts";
import { publisher } from "./publisher.ts";
import { keepAlive, reconnection, serverOrder } from "./reachability.ts";
import { redirection } from "./redirection.ts";
import { referee, referrer } from "./refer.ts";
import { registration } from "./registration.ts";
import { reliableProvisionalClient } from "./reliable-provisional-client.ts";
import { reliableProvisionalServer } from "./reliable-provisional-server.ts";
import { sessionModification } from "./session-modification.ts";
import { sessionTimer } from "./session-timer.ts";
import { subscriber } from "./subscriber.ts";
import { inviteClient, inviteServer, nonInviteClient, nonInviteServer } from "./transactions.ts";

/** Every machine of the layers up to `usage`, run and drawn: docs/machines.md. It takes some ms. */
export const pictures = (): readonly Picture[] => [
  framing(),
  offerAnswer(),
  reception(),
  locate(),
  enumeration(),
  dnsCache(),
  failover(),
  suspects(),
  inviteClient(),
  inviteServer(),
  nonInviteClient(),
  nonInviteServer(),
  dialog(),
  reliableProvisionalServer(),
  reliableProvisionalClient(),
  sessionModification(),
  sessionTimer(),
  subscriber(),
  notifier(),
  publisher(),
  publicationState(),
  redirection(),
  composingSender(),
  composingReceiver(),
  referrer(),
  referee(),
  registration(),
  serverOrder(),
  keepAlive(),
  reconnection(),
  announcement(),
  neighbourhood(),
];
