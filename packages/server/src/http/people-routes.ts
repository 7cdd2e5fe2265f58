/**
 * Who is here, once or as it changes (Server-Sent Events).
 */
import type { ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import { answer } from "./answer.ts";
import { aorOf, type HouseContext } from "./house-context.ts";
import { type PersonHere, personFor } from "./people-feed.ts";
import { type Seat, seated } from "./seat.ts";

/** Often enough for the proxies in between, which cut what is silent for 30 to 60 s. */
const PING_MS = 20_000;

/** What may wait for a page that does not read. It gets everything anew when it comes back. */
const MAX_WAITING_BYTES = 256 * 1024;

export function peopleRoutes(app: FastifyInstance, context: HouseContext): void {
  const { people } = context;

  app.get(
    "/@:name/api/people",
    seated(context, ({ person }, _, reply) =>
      answer(reply, 200, peopleFor(aorOf(context, person.name), people.people())),
    ),
  );

  app.get(
    "/@:name/api/events",
    { exposeHeadRoute: false },
    seated(context, (seat, _, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      stream(seat, context, reply.raw);
    }),
  );
}

function stream({ person, session }: Seat, context: HouseContext, response: ServerResponse) {
  const { people } = context;
  const viewer = aorOf(context, person.name);
  const write = (text: string): void => {
    if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
    else response.write(text);
  };
  const ping = setInterval(() => write(": ping\n\n"), PING_MS).unref();
  const stop = people.listen({
    name: person.name,
    session,
    send: (all) => write(`event: people\ndata: ${JSON.stringify(peopleFor(viewer, all))}\n\n`),
    end: () => response.end(),
  });
  response.on("error", () => {});
  response.on("close", () => {
    clearInterval(ping);
    stop();
  });
}

/** To whom somebody does not show themselves they look as if they were away, here as over SIP. */
function peopleFor(viewer: string, people: readonly PersonHere[]) {
  return { people: people.map((person) => personFor(viewer, person)) };
}
