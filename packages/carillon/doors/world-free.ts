/**
 * Every door of the pure part, opened where there is neither Node nor a DOM: compiled, not run.
 * `tsc -p packages/carillon` fails if a door is missing here or needs a world, or if a world has
 * got in. The page, the program and the tests have one, so they could not tell.
 */
import type manifest from "../package.json";
import * as auth from "../src/auth/index.ts";
import * as b2bua from "../src/b2bua/index.ts";
import * as calling from "../src/calling/index.ts";
import * as chat from "../src/chat/index.ts";
import * as dialog from "../src/dialog/index.ts";
import * as documents from "../src/documents/index.ts";
import * as endpoint from "../src/endpoint/index.ts";
import * as events from "../src/events/index.ts";
import * as locate from "../src/locate/index.ts";
import * as message from "../src/message/index.ts";
import * as messaging from "../src/messaging/index.ts";
import * as msrp from "../src/msrp/index.ts";
import * as roles from "../src/roles/index.ts";
import * as rtp from "../src/rtp/index.ts";
import * as sdp from "../src/sdp/index.ts";
import * as stateAgent from "../src/state-agent/index.ts";
import * as transaction from "../src/transaction/index.ts";
import * as transfer from "../src/transfer/index.ts";
import * as turn from "../src/turn/index.ts";
import * as ua from "../src/ua/index.ts";
import * as uri from "../src/uri/index.ts";
import * as usage from "../src/usage/index.ts";
import * as xml from "../src/xml/index.ts";

/** The doors that have a world behind them: `.` is Node's or the browser's. */
type Worldly = "." | "./node" | "./node/pace" | "./browser" | "./testing";
type Door = Exclude<keyof (typeof manifest)["exports"], Worldly>;

export const doors: Readonly<Record<Door, object>> = {
  ...{ "./auth": auth, "./chat": chat, "./dialog": dialog, "./documents": documents },
  ...{ "./endpoint": endpoint, "./events": events, "./locate": locate, "./message": message },
  ...{ "./b2bua": b2bua, "./msrp": msrp, "./turn": turn },
  ...{ "./roles": roles, "./rtp": rtp, "./sdp": sdp, "./transaction": transaction, "./ua": ua },
  ...{ "./calling": calling, "./transfer": transfer, "./uri": uri, "./usage": usage },
  ...{ "./messaging": messaging, "./state-agent": stateAgent, "./xml": xml },
};

/** What a world would have. Were one of these known, nothing would keep the core from it. */
export const worlds = (): readonly unknown[] => [
  // @ts-expect-error: no console
  console,
  // @ts-expect-error: no timers
  setTimeout,
  // @ts-expect-error: no clock that is not handed in
  performance,
  // @ts-expect-error: no process
  process,
  // @ts-expect-error: no octets of Node's
  Buffer,
  // @ts-expect-error: no sockets
  WebSocket,
  // @ts-expect-error: no requests
  fetch,
  // @ts-expect-error: no page
  document,
  // @ts-expect-error: no media of a browser's
  RTCPeerConnection,
  // @ts-expect-error: no randomness but what is handed in
  crypto,
];
