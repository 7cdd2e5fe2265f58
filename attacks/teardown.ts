/** Somebody who knows of a call and is not in it: hangs up, takes it over, takes it back. */
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { DigestClient } from "./digest-client.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const METHODS = ["BYE", "INVITE", "UPDATE", "INFO", "REFER", "MESSAGE", "NOTIFY", "PRACK", "ACK"];
const WAIT_MS = 5000;
const QUIET_MS = 800;

/** What a side knows of the dialog. */
interface Dialog {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly routes: readonly string[];
  readonly target: string;
}

export async function teardown(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "teardown"), 1);
  const [zoe] = await stage.house.addDeskPhones(["Zoe"] as const);
  const callee = await DigestClient.at("127.0.0.9", zoe.user);
  const caller = await Stranger.at("127.0.0.8");
  const third = await Stranger.at("127.0.0.66");
  const token = stage.people[0]?.token ?? "";
  const signed = [`Proxy-Authorization: Bearer ${token}`];
  await report.check("who knows all of a call but is not in it changes nothing in it", async () => {
    demand((await callee.register(zoe.password)).status === 200, "the callee cannot register");
    const dialog = await callBetween(caller, callee.stranger, zoe.user, signed);
    const own = caller.via.replace("127.0.0.1", "127.0.0.8");
    const ways: Readonly<Record<string, (method: string, nth: string) => string>> = {
      "with the Call-ID alone": (method, nth) =>
        within(
          { ...dialog, from: wrongTag(dialog.from), to: wrongTag(dialog.to), routes: [] },
          method,
          nth,
          third.via,
        ),
      "without a route": (method, nth) => within({ ...dialog, routes: [] }, method, nth, third.via),
      "with all of it": (method, nth) => within(dialog, method, nth, third.via),
      "as the other side": (method, nth) =>
        within({ ...dialog, from: dialog.to, to: dialog.from }, method, nth, third.via),
      "by the caller's Via": (method, nth) => within(dialog, method, nth, own),
    };
    callee.stranger.heard.length = 0;
    caller.heard.length = 0;
    let said = 0;
    for (const [name, textOf] of Object.entries(ways)) {
      for (const method of METHODS) {
        third.say(textOf(method, `t${said++}`));
        await pause(15);
      }
      await pause(QUIET_MS);
      const [heard] = callee.stranger.heard;
      demand(heard === undefined, `${name}: the callee heard ${heard}`);
      demand(caller.heard.length === 0, `${name}: the caller heard ${caller.heard[0]}`);
    }
    const answers = third.heard.filter((text) => /^SIP\/2\.0 4(07|81|03|00)/.test(text)).length;
    const taken = third.heard.filter((text) => /^SIP\/2\.0 [23]/.test(text)).length;
    demand(taken === 0, `${taken} were answered with success`);
    // It was up all the time: the caller's own BYE arrives.
    caller.say(within(dialog, "BYE", "own-bye", caller.via));
    await until("the callee hears the caller's BYE", () => find(callee.stranger, "BYE"), WAIT_MS);
    return `${said} requests, ${answers} refused, nothing arrived; then the caller hung up`;
  });
  await report.check("a CANCEL from elsewhere takes no call back", async () => {
    callee.stranger.heard.length = 0;
    const invite = inviteOf(caller, zoe.user, "c1", signed);
    caller.say(invite);
    await until("the callee is called", () => find(callee.stranger, "INVITE"), WAIT_MS);
    callee.stranger.say(ringing(find(callee.stranger, "INVITE") ?? ""));
    await until("the caller hears that it rings", () => caller.heard.find(isRinging), WAIT_MS);
    const cancel = invite
      .replace(/^INVITE/, "CANCEL")
      .replace("CSeq: 1 INVITE", "CSeq: 1 CANCEL")
      .replace(/^Proxy-Authorization.*\r\n/m, "");
    for (let nth = 0; nth < 5; nth++) third.say(cancel);
    await pause(QUIET_MS);
    demand(find(callee.stranger, "CANCEL") === undefined, "the callee was told");
    caller.say(cancel);
    await until("the caller's own does", () => find(callee.stranger, "CANCEL"), WAIT_MS);
    return "five of them did nothing, the caller's own did";
  });
  for (const one of [callee, caller, third]) one.close();
  await stage.close();
}

const isRinging = (text: string): boolean => text.startsWith("SIP/2.0 180");

/** What a phone says first to an INVITE. */
function ringing(invite: string): string {
  const repeated = invite
    .split("\r\n")
    .filter((line) => /^(via|record-route|from|call-id|cseq):/i.test(line));
  const to = `To: ${lineOf(invite, "To")};tag=callee`;
  return ["SIP/2.0 180 Ringing", ...repeated, to, "Content-Length: 0", "", ""].join("\r\n");
}

const find = ({ heard }: Stranger, method: string): string | undefined =>
  heard.find((text) => text.startsWith(`${method} `));

const inviteOf = (caller: Stranger, callee: string, nth: string, more: readonly string[]): string =>
  requestText({
    ...{ method: "INVITE", nth, via: caller.via, more },
    ...{ from: `sip:p0@${DOMAIN}`, to: `sip:${callee}@${DOMAIN}` },
    contact: `sip:p0@127.0.0.8:${caller.port}`,
  });

const lineOf = (text: string, name: string): string =>
  new RegExp(`^${name}: (.*)$`, "im").exec(text)?.[1]?.trim() ?? "";

/** A call that is up, as its caller knows it. */
async function callBetween(
  caller: Stranger,
  callee: Stranger,
  user: string,
  signed: readonly string[],
): Promise<Dialog> {
  caller.say(inviteOf(caller, user, "d1", signed));
  const invite = await until("the callee is called", () => find(callee, "INVITE"), WAIT_MS);
  const repeated = invite
    .split("\r\n")
    .filter((line) => /^(via|record-route|from|call-id|cseq):/i.test(line));
  const to = `${lineOf(invite, "To")};tag=callee`;
  const contact = `Contact: <sip:${user}@127.0.0.9:${callee.port}>`;
  const answer = ["SIP/2.0 200 OK", ...repeated, `To: ${to}`, contact, "Content-Length: 0", "", ""];
  callee.say(answer.join("\r\n"));
  const isAnswer = (text: string) => text.startsWith("SIP/2.0 200");
  const ok = await until("the caller is answered", () => caller.heard.find(isAnswer), WAIT_MS);
  const routes = ok
    .split("\r\n")
    .filter((line) => /^record-route:/i.test(line))
    .map((line) => line.replace(/^record-route: */i, ""))
    .reverse();
  demand(routes.length > 0, `no route in ${ok}`);
  const dialog = {
    ...{ callId: lineOf(ok, "Call-ID"), from: lineOf(ok, "From"), to: lineOf(ok, "To"), routes },
    target: /<([^>]+)>/.exec(lineOf(ok, "Contact"))?.[1] ?? "",
  };
  caller.say(within(dialog, "ACK", "d1-ack", caller.via).replace("CSeq: 2 ACK", "CSeq: 1 ACK"));
  await until("the callee hears the ACK", () => find(callee, "ACK"), WAIT_MS);
  return dialog;
}

function within(dialog: Dialog, method: string, nth: string, via: string): string {
  const { callId, from, to, routes, target } = dialog;
  return [
    `${method} ${target} SIP/2.0`,
    `Via: SIP/2.0/${via};branch=z9hG4bK-${nth}`,
    ...routes.map((route) => `Route: ${route}`),
    ...["Max-Forwards: 70", `From: ${from}`, `To: ${to}`, `Call-ID: ${callId}`],
    ...[`CSeq: 2 ${method}`, "Contact: <sip:x@127.0.0.66:9>", "Refer-To: <sip:x@127.0.0.66>"],
    ...["Content-Length: 0", "", ""],
  ].join("\r\n");
}

const wrongTag = (address: string): string => address.replace(/;tag=.*$/, ";tag=guessed");
