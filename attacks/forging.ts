/** Requests in somebody else's name: from nobody, from somebody who lives here, with claims. */
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { DigestClient } from "./digest-client.ts";
import { folderIn, Stage } from "./stage.ts";
import { METHODS, requestText, Stranger } from "./stranger.ts";

/** In which a request that nobody answers would be sent again. */
const REPEATED_MS = 1500;
/** What only servers that are trusted may say, and what is a server's own affair. */
const CLAIMS: Readonly<Record<string, string>> = {
  "P-Asserted-Identity": `<sip:p0@${DOMAIN}>`,
  "P-Preferred-Identity": `<sip:p0@${DOMAIN}>`,
  "Remote-Party-ID": `<sip:p0@${DOMAIN}>;party=calling;screen=yes`,
  Identity: "eyJhbGciOiJFUzI1NiJ9..x;info=<https://evil.example/c.pem>;alg=ES256;ppt=shaken",
  Diversion: `<sip:p0@${DOMAIN}>;reason=unconditional`,
  "History-Info": `<sip:p0@${DOMAIN}>;index=1`,
};

interface Kind {
  readonly name: string;
  readonly from: string;
  readonly more: readonly string[];
  /** Whether it may be delivered: without its claims, then. */
  readonly isHonest: boolean;
}

export async function forging(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "forging"), 2);
  const [zoe] = await stage.house.addDeskPhones(["Zoe"] as const);
  const phone = await DigestClient.at("127.0.0.9", zoe.user);
  const heard: string[] = [];
  await report.check(
    `${METHODS.length} methods in somebody else's name: none is delivered`,
    async () => {
      demand(
        (await phone.register(zoe.password)).status === 200,
        "nobody is there to be delivered to",
      );
      phone.stranger.onHeard = (text) => void heard.push(text);
      const sender = await Stranger.at("127.0.0.66");
      const kinds = kindsOf(stage.people[1]);
      const answers = await send(sender, kinds, zoe.user);
      sender.close();
      const delivered = heard.filter((text) => !/^Subject: honest/m.test(text) && !isAnswer(text));
      const [first] = delivered;
      demand(first === undefined, `${delivered.length} were delivered: ${first}`);
      const claimed = heard.filter((text) => claimsIn(text).length > 0);
      demand(
        claimed.length === 0,
        `claims were passed on: ${claimsIn(claimed[0] ?? "").join(", ")}`,
      );
      const honest = new Set(heard.map((text) => /^Call-ID: (.*)$/m.exec(text)?.[1]));
      demand(honest.size >= 5, `only ${honest.size} honest ones arrived: nothing could have`);
      const forged = kinds.filter(({ isHonest }) => !isHonest).length * METHODS.length;
      const others = `${honest.size} honest ones without claims`;
      return `0 of ${forged} delivered, ${answers} refused; ${others}`;
    },
  );
  phone.close();
  await stage.close();
}

const isAnswer = (text: string): boolean => text.startsWith("SIP/2.0");

const claimsIn = (text: string): readonly string[] =>
  Object.keys(CLAIMS).filter((name) => new RegExp(`^${name}:`, "im").test(text));

function kindsOf(other: Seeded | undefined): readonly Kind[] {
  const token = other?.token ?? "";
  const signed = [`Authorization: Bearer ${token}`, `Proxy-Authorization: Bearer ${token}`];
  const claims = Object.entries(CLAIMS).map(([name, value]) => `${name}: ${value}`);
  const [own, forged] = [`sip:p1@${DOMAIN}`, `sip:p0@${DOMAIN}`];
  return [
    { name: "nobody", from: forged, more: [], isHonest: false },
    { name: "nobody with claims", from: forged, more: claims, isHonest: false },
    { name: "nobody, of another domain", from: "sip:p0@other.example", more: [], isHonest: false },
    { name: "somebody else", from: forged, more: signed, isHonest: false },
    {
      name: "somebody else with claims",
      from: forged,
      more: [...signed, ...claims],
      isHonest: false,
    },
    {
      name: "somebody as another domain",
      from: "sip:p0@other.example",
      more: signed,
      isHonest: false,
    },
    { name: "somebody with claims", from: own, more: [...signed, ...claims], isHonest: true },
  ];
}

/** All of them; how many were refused. */
async function send(sender: Stranger, kinds: readonly Kind[], callee: string): Promise<number> {
  const to = `sip:${callee}@${DOMAIN}`;
  for (const [kind, { from, more, isHonest }] of kinds.entries()) {
    for (const method of METHODS) {
      // A REGISTER goes nowhere, and one for oneself is no forgery.
      const aor = method === "REGISTER" ? { uri: `sip:${DOMAIN}`, to: from } : { to };
      const lines = isHonest ? [...more, "Subject: honest"] : more;
      const asked = { method, nth: `k${kind}${method}`, via: sender.via, from, ...aor };
      sender.say(requestText({ ...asked, more: lines }));
      await pause(15);
    }
  }
  await pause(REPEATED_MS);
  return sender.heard.filter((text) => /^SIP\/2\.0 4/.test(text)).length;
}
