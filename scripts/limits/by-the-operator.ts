/** What only the operator can make grow: rows of docs/limits.md. */
import { BRIDGE, type Kept, kept } from "./kept.ts";

/** What only the operator, or this machine, can make grow. */
export const BY_THE_OPERATOR: readonly Kept[] = [
  kept(
    "server/src/control/tracing.ts",
    "#listeners",
    `{server/src/control/control-server.ts MAX_LISTENERS} terminals`,
    "one more is refused",
  ),
  kept(
    "server/src/control/control-server.ts",
    "sockets",
    `{MAX_LISTENERS} terminals`,
    "one more is refused",
  ),
  kept(
    "server/src/control/recorder.ts",
    "hearers",
    `{${BRIDGE}/recordings.ts MAX_RECORDINGS} recordings`,
    "one more is refused",
  ),
  kept("server/src/config/redirect-table.ts", "*", "rows of the configuration", "nothing"),
  kept("server/src/command.ts", "*", "words of the command line", "nothing"),
  kept(
    "server/src/certificates/",
    "*",
    "names and files of the operator, and answers that an authority asks for",
    "nothing: no peer adds one",
  ),
  kept(
    "server/src/addresses/",
    "*",
    "addresses of this machine, and what the operator's STUN servers say of them",
    "nothing: no peer adds one",
  ),
  kept("server/src/doctor/", "*", "what one run looks at, after which it ends", "nothing"),
  kept(
    "server/src/sip/listeners.ts",
    "secure",
    "addresses of this machine",
    "nothing: no peer adds one",
  ),
  kept(
    "server/src/seeing/",
    "*",
    "100 reasons for refusals, each a name of the sources; who is told is the operator's",
    "what is more is counted as other",
  ),
];
