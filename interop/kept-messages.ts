/** Messages for who is away: kept by a server that was not written here, and delivered later. */
import { chat } from "carillon/chat";
import { OwnPhone, type OwnPhoneOptions } from "./own-phone.ts";
import { CHICAGO, PRESENCE_SERVER } from "./presence-server.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const WAIT_MS = 8000;
const TEXTS = ["Are you there?", "Ça va: 你好, “quoted” & <b>bold</b>", "Then later."];

/** At the presence server, which keeps messages as well. `ann` writes. */
export async function keptMessages(ann: OwnPhone, report: Report): Promise<void> {
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`Kamailio keeps messages: ${name}`, run);
  await check("what is written to who is away, comes when they do", () => plain(ann));
  await check("who is there gets a message at once, and its receipts come back", () =>
    wrapped(ann),
  );
}

type Before = OwnPhoneOptions["before"];

const open = (user: string, rtpPort: number, before: NonNullable<Before>): Promise<OwnPhone> =>
  OwnPhone.open({
    ...{ aor: `sip:${user}@${CHICAGO}`, password: "anything", before },
    ...{ server: PRESENCE_SERVER, rtpPort },
  });

async function plain(ann: OwnPhone): Promise<string> {
  const statuses: number[] = [];
  for (const text of TEXTS) {
    const { status } = await ann.phone.message(`sip:dora@${CHICAGO}`, text);
    statuses.push(status);
  }
  const isKept = statuses.every((status) => status === 202);
  demand(isKept, `they were answered with ${statuses.join()}`);
  const got: string[] = [];
  const dora = await open("dora", 30_060, async (phone) => {
    for await (const { text } of phone.messages()) got.push(text);
  });
  try {
    await until("all of them come", () => got.length >= TEXTS.length || undefined, WAIT_MS);
    // It sends them all at once.
    const isWhole = got.toSorted().join() === TEXTS.toSorted().join();
    demand(isWhole, `she got ${JSON.stringify(got)}`);
    return `${statuses.length} × 202, then ${got.length} messages`;
  } finally {
    await dora.close();
  }
}

/** While he is there: what Kamailio keeps as message/cpim, it delivers as text/plain. */
async function wrapped(ann: OwnPhone): Promise<string> {
  using talk = chat(ann.phone);
  const got: string[] = [];
  const emil = await open("emil", 30_070, async (phone) => {
    for await (const message of chat(phone).messages()) {
      got.push(`${message.id} ${message.text}`);
      message.displayed();
    }
  });
  try {
    const receipts = ["delivered", "displayed"] as const;
    const sent = await talk.send(`sip:emil@${CHICAGO}`, "Call me back.", { receipts });
    const told: string[] = [];
    void (async () => {
      for await (const { status } of sent.notifications()) told.push(status);
    })();
    await until("both receipts come", () => told.length >= 2 || undefined, WAIT_MS);
    demand(got.join() === `${sent.id} Call me back.`, `he saw ${JSON.stringify(got)}`);
    return `${sent.status}, then ${told.join(" and ")}`;
  } finally {
    await emil.close();
  }
}
