/** The same other domain over TLS, where certificates say who is who and no address is trusted. */
import { readFileSync } from "node:fs";
import { type Credentials, DOMAIN, type House } from "./house.ts";
import { BILOXI, KAMAILIO_OVER_TLS, passwordAt } from "./kamailio.ts";
import { OwnPhone } from "./own-phone.ts";
import { talks } from "./own-phone-talk.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const WAIT_MS = 8000;

export interface SecureParts {
  readonly house: House;
  /** Who lives in the house. */
  readonly kim: OwnPhone;
  /** What Kamailio registers with there, over TLS; it rings for Ida. */
  readonly trunk: Credentials;
  /** The file with Kamailio's. The house has believed it from the start. */
  readonly certificate: string;
  readonly dns: readonly string[];
}

export async function kamailioOverTls(parts: SecureParts, report: Report): Promise<void> {
  const { house, kim, trunk, certificate, dns } = parts;
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`Kamailio over TLS: ${name}`, run);
  const open = { dns, domains: [BILOXI], tls: { ca: [certificate] } };
  const there = (user: string, rtpPort: number) =>
    OwnPhone.open({
      ...{ aor: `sip:${user}@${BILOXI}`, password: passwordAt(user), rtpPort },
      ...{ server: KAMAILIO_OVER_TLS, believes: readFileSync(certificate, "utf8") },
    });
  const [ida, ned] = [await there("ida", 30_050), await there("ned", 30_060)];
  const idas = `${ida.phone.aor};transport=tls`;
  try {
    await check("two phones of the library register there, and call each other", () =>
      talks(ned, ida, ida.phone.aor),
    );
    await check("registers at the house with digest, and rings for a call to it", async () => {
      await until("Kamailio is registered", () => registered(house, trunk), WAIT_MS);
      return talks(kim, ida, `sip:${trunk.user}@${DOMAIN}`);
    });
    await house.configure({ dns, domains: [BILOXI] });
    await check("the house does not call whom nobody vouches for", () => refused(kim, idas));
    await check("a call from there is not taken without `partners`", async () => {
      await house.configure(open);
      return refused(ida, kim.phone.aor);
    });
    await check("the house finds it by SRV and calls there", () => talks(kim, ida, idas));
    await house.configure({ ...open, partners: [BILOXI] });
    await check("calls the house, known by its certificate", async () => {
      const figure = await talks(ida, kim, kim.phone.aor);
      const over = house.lines.some(
        (line) =>
          line.includes(`"from":"${ida.phone.aor}"`) &&
          line.includes('"source":"tls ') &&
          line.includes('"msg":"Forwarded"'),
      );
      demand(over, "it came another way");
      return figure;
    });
  } finally {
    for (const phone of [ida, ned]) await phone.close();
  }
}

const registered = (house: House, { user }: Credentials): true | undefined =>
  house.lines.some(
    (line) =>
      line.includes(`"from":"sip:${user}@`) &&
      line.includes('"source":"tls ') &&
      line.includes('"status":200'),
  ) || undefined;

async function refused(caller: OwnPhone, uri: string): Promise<string> {
  const call = caller.phone.call(uri);
  call.answered.catch(() => {});
  const { by, code } = await call.ended;
  demand(code !== "SIP_HUNG_UP", `the call ended by ${by} with ${code}`);
  return code;
}
