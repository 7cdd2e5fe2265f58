/** The same phones over TCP, over TLS (they check its certificate), and from one to the other. */
import { Baresip, type BaresipOptions } from "./baresip.ts";
import { atRest, cancel, talk } from "./baresip-talk.ts";
import type { Credentials, House } from "./house.ts";
import { demand, type Report } from "./report.ts";

type Transport = "tcp" | "tls";
/** Two that answer and one that only rings. */
type Three = readonly [Credentials, Credentials, Credentials];

export async function overStreams(
  house: House,
  folder: string,
  owns: Three,
  report: Report,
): Promise<void> {
  await over("tls", house, folder, owns, report);
  await over("tcp", house, folder, owns, report);
  const base = { folder, answers: true };
  const [anns, bens] = owns;
  const tcp = { ...base, transport: "tcp", credentials: anns, nth: 16, toneHz: 440 } as const;
  const eve = await Baresip.start(tcp);
  const tls = { ...base, transport: "tls", believes: house.certificate } as const;
  const fay = await Baresip.start({ ...tls, credentials: bens, nth: 17, toneHz: 1000 });
  const check = (name: string, run: () => Promise<string>): Promise<void> =>
    report.check(`baresip: ${name}`, () => run().catch((error) => atRest([eve, fay], error)));
  for (const phone of [eve, fay]) await phone.registered();
  await check("a call from TCP to TLS, and the caller hangs up", () => talk(eve, fay, eve));
  await check("a call from TLS to TCP, and the callee hangs up", () => talk(fay, eve, eve));
  for (const phone of [eve, fay]) await phone.quit();
}

/** Everything over one transport. */
async function over(
  transport: Transport,
  { certificate }: House,
  folder: string,
  [anns, bens, cats]: Three,
  report: Report,
): Promise<void> {
  let nth = transport === "tls" ? 10 : 13;
  const believes = transport === "tls" ? { believes: certificate } : {};
  const base = { folder, transport, answers: true, ...believes } as const;
  const start = (own: Partial<BaresipOptions> & Pick<BaresipOptions, "credentials" | "toneHz">) =>
    Baresip.start({ ...base, nth: nth++, ...own });
  const ann = await start({ credentials: anns, toneHz: 440 });
  const ben = await start({ credentials: bens, toneHz: 1000 });
  const cat = await start({ credentials: cats, toneHz: 700, answers: false });
  const phones = [ann, ben, cat];
  const name = transport.toUpperCase();
  const check = (what: string, run: () => Promise<string>): Promise<void> =>
    report.check(`baresip over ${name}: ${what}`, () =>
      run().catch((error) => atRest(phones, error)),
    );
  await check("three desk phones register with digest", async () => {
    for (const phone of phones) {
      await phone.registered();
      const [via = "nothing"] = /SIP\/2\.0\/[A-Z]+/.exec(phone.log) ?? [];
      demand(via === `SIP/2.0/${name}`, `${phone.user} went over ${via}`);
    }
    return "401, then 200, each on its connection";
  });
  await check("the caller hangs up", () => talk(ann, ben, ann));
  await check("the callee hangs up", () => talk(ann, ben, ben));
  await check("the caller gives up while it rings", () => cancel(ben, cat));
  for (const phone of phones) await phone.quit();
}
