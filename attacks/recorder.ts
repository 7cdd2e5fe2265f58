/** A phone that is registered over UDP, keeps what it is sent, and answers all of it. */
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { until } from "../interop/until.ts";
import { requestText, Stranger } from "./stranger.ts";

const ANSWER_MS = 5000;

export interface Recorder {
  /** All that it was asked, each once however often it came. */
  readonly requests: readonly string[];
  readonly port: number;
  close(): void;
}

export interface RecorderOptions {
  /** What it says to each; 200, to an INVITE 486, if left out. */
  readonly answer?: (request: string) => string;
  /** The Contact without brackets; where it is, if left out. */
  readonly contact?: string;
}

/** Registers somebody, and resolves when that is done. */
export async function registered(who: Seeded, options: RecorderOptions = {}): Promise<Recorder> {
  const phone = await Stranger.at();
  const aor = `sip:${who.account}@${DOMAIN}`;
  const { contact = `sip:${who.account}@127.0.0.1:${phone.port}`, answer = usual } = options;
  const requests = new Map<string, string>();
  let isIn = false;
  phone.onHeard = (text) => {
    if (text.startsWith("SIP/2.0 ")) {
      isIn ||= text.startsWith("SIP/2.0 200") && text.includes("register@stranger");
      return;
    }
    // It has the branch of the INVITE that it is for.
    if (text.startsWith("ACK ")) return;
    requests.set(/branch=[^;,\s]*/.exec(text)?.[0] ?? text, text);
    phone.say(answerTo(text, answer(text)));
  };
  phone.say(
    requestText({
      ...{ method: "REGISTER", nth: "register", via: phone.via, from: aor, to: aor, contact },
      more: ["Expires: 600", `Authorization: Bearer ${who.token}`],
    }),
  );
  await until("it is registered", () => isIn || undefined, ANSWER_MS);
  return {
    get requests() {
      return [...requests.values()];
    },
    port: phone.port,
    close: () => phone.close(),
  };
}

const usual = (text: string): string => (text.startsWith("INVITE ") ? "486 Busy Here" : "200 OK");

/** `status` with its phrase, and whole header lines behind it. */
export function answerTo(text: string, status: string): string {
  const [head = ""] = text.split("\r\n\r\n", 1);
  const lines = head
    .split("\r\n")
    .filter((one) => /^(?:via|from|call-id|cseq|v|f|i)\s*:/i.test(one));
  const to = /^(?:to|t)\s*:.*$/im.exec(head)?.[0] ?? "To: <sip:nobody>";
  const tagged = /;\s*tag=/i.test(to) ? to : `${to};tag=recorder`;
  return [`SIP/2.0 ${status}`, ...lines, tagged, "Content-Length: 0", "", ""].join("\r\n");
}
