/**
 * Whoever is called asks who is there, as if they were a server: what a phone then shows of its
 * password. With it, the rest can be guessed at home (CVE-2021-41158).
 */
import { DescribedMedia, Phone } from "carillon/node";
import { transfer } from "carillon/transfer";
import { DOMAIN, SERVER_ADDRESS } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { DigestClient } from "./digest-client.ts";
import { LOCAL } from "./household.ts";
import { folderIn, Stage } from "./stage.ts";

/** The house's own, nearly that, others', none. */
const REALMS = [DOMAIN, DOMAIN.toUpperCase(), "other.example", "127.0.0.9", ""];
const KINDS = [
  { status: 401, name: "WWW-Authenticate" },
  { status: 407, name: "Proxy-Authenticate" },
] as const;
const GIVE_UP_MS = 3000;

export async function rogues(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "rogues"), 1);
  const [zoe, yan] = await stage.house.addDeskPhones(["Zoe", "Yan"] as const);
  const rogue = await DigestClient.at("127.0.0.9", yan.user);
  const phone = await Phone.open({
    ...{ aor: `sip:${zoe.user}@${DOMAIN}`, password: zoe.password, server: SERVER_ADDRESS },
    local: { host: "127.0.0.8", port: 0 },
    media: (wanted: ConstructorParameters<typeof DescribedMedia>[0]) =>
      new DescribedMedia(wanted, { local: LOCAL, onagreed() {} }),
  });
  await phone.register();
  const aor = `sip:${yan.user}@${DOMAIN}`;
  const name = `${REALMS.length} realms, 401 and 407, outside and inside of a call`;
  await report.check(`${name}: who asks is shown no credentials`, async () => {
    demand((await rogue.register(yan.password)).status === 200, "the rogue cannot register");
    const seen = new Map<string, number>();
    const shown: string[] = [];
    for (const realm of REALMS) {
      for (const kind of KINDS) {
        for (const isInside of [false, true]) {
          listen(rogue, { realm, ...kind, isInside }, (text) => {
            const method = text.slice(0, text.indexOf(" "));
            seen.set(method, (seen.get(method) ?? 0) + 1);
            if (/^(?:Proxy-)?Authorization:/im.test(text)) shown.push(text);
          });
          await (isInside ? talk(phone, aor) : knock(phone, aor));
        }
      }
    }
    const asked = [...seen].map((one) => one.join(" ")).join(", ");
    demand(shown.length === 0, `${shown.length} were shown: ${shown[0]}`);
    const methods = ["INVITE", "BYE", "REFER"];
    const missing = methods.filter((method) => !seen.has(method));
    demand(missing.length === 0, `it never heard ${missing.join(", ")}, but ${asked}`);
    return `none in ${asked}`;
  });
  await phone.close();
  rogue.close();
  await stage.close();
}

interface Asking {
  readonly realm: string;
  readonly status: number;
  readonly name: string;
  /** Takes calls, and asks in them. */
  readonly isInside: boolean;
}

function listen(rogue: DigestClient, asking: Asking, hear: (text: string) => void): void {
  const { realm, status, name, isInside } = asking;
  rogue.stranger.onHeard = (text) => {
    if (text.startsWith("SIP/2.0")) return;
    hear(text);
    if (text.startsWith("ACK ")) return;
    const lines = text
      .split("\r\n")
      .filter((line) => /^(via|record-route|from|call-id|cseq):/i.test(line));
    const to = /^To: (.*)$/im.exec(text)?.[1]?.trim() ?? "";
    const tagged = to.includes(";tag=") ? to : `${to};tag=rogue`;
    const isNew = text.startsWith("INVITE ") && !to.includes(";tag=");
    const isTaken = (isInside && isNew) || text.startsWith("CANCEL ");
    const offer = text.split("\r\n\r\n")[1] ?? "";
    const how = 'nonce="rogue", algorithm=SHA-256, qop="auth"';
    const challenge = `${name}: Digest realm="${realm}", ${how}`;
    const answer = isTaken
      ? ["SIP/2.0 200 OK", ...lines, `To: ${tagged}`, ...CONTACT(rogue), ...bodyLines(offer)]
      : [`SIP/2.0 ${status} Who is there`, ...lines, `To: ${tagged}`, challenge, ...bodyLines("")];
    rogue.stranger.say(answer.join("\r\n"));
  };
}

const CONTACT = ({ stranger }: DigestClient): readonly string[] => [
  `Contact: <sip:rogue@127.0.0.9:${stranger.port}>`,
  "Content-Type: application/sdp",
];

const bodyLines = (body: string): readonly string[] => [
  `Content-Length: ${body.length}`,
  ...["", body],
];

type Telephone = Phone<DescribedMedia>;

/** A call, and a message, which the house brings by itself. */
async function knock(phone: Telephone, aor: string): Promise<void> {
  const call = phone.call(aor);
  await Promise.race([call.ended, pause(GIVE_UP_MS)]);
  call.hangUp();
  await Promise.race([phone.message(aor, "hello").catch(() => {}), pause(GIVE_UP_MS)]);
}

/** A call that is answered: held, referred to somebody else, hung up. */
async function talk(phone: Telephone, aor: string): Promise<void> {
  const call = phone.call(aor);
  await call.answered;
  await Promise.race([call.hold().catch(() => {}), pause(GIVE_UP_MS)]);
  await Promise.race([transfer(call, `sip:p0@${DOMAIN}`).done.catch(() => {}), pause(GIVE_UP_MS)]);
  call.hangUp();
  await Promise.race([call.ended, pause(GIVE_UP_MS)]);
}
