/** Carillon's own clients, which come when everything has been said, and what they show then. */
import { conversations } from "carillon/chat";
import { Phone } from "carillon/node";
import { demand } from "../interop/report.ts";
import { until } from "../interop/until.ts";
import { SERVER } from "./program.ts";
import { addressOf, type Seeded } from "./seed.ts";

const CURRENT_MS = 60_000;
const AT_ONCE = 200;

/** What one of them shows: the Message-IDs of each conversation, in its order. */
export type Shown = ReadonlyMap<string, readonly string[]>;

export async function readAll(person: Seeded): Promise<Shown> {
  const phone = new Phone({
    aor: addressOf(person.account),
    token: async () => person.token,
    servers: [`sip:${SERVER.host}:${SERVER.port};transport=tcp`],
  });
  try {
    await phone.register();
    const all = conversations(phone);
    const isCurrent = () => all.state === "Current" || undefined;
    await until(`${person.account} has read the journal`, isCurrent, CURRENT_MS);
    const shown = new Map<string, readonly string[]>();
    for (const { uri } of all.list()) {
      const conversation = all.open(uri);
      while (conversation.view().hasEarlier) await conversation.earlier(AT_ONCE);
      const { items } = conversation.view();
      demand(
        items.every(({ id, text }) => text === `It is ${id}.`),
        `${person.account} is shown other words`,
      );
      shown.set(
        uri,
        items.map(({ id }) => id),
      );
    }
    return shown;
  } finally {
    await phone.close();
  }
}
