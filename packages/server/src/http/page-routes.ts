/**
 * The page: files that Vite built, the hashed ones to be kept for a year, and one index.html at
 * every address a person can be at.
 */
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refusal } from "../refusal.ts";
import { refuse } from "./answer.ts";
import type { HouseContext } from "./house-context.ts";

export async function pageRoutes(app: FastifyInstance, { page }: HouseContext): Promise<void> {
  const files = { root: page, serve: false, suppressWarning: true };
  // What the build compressed lies beside it: a page on a slow line is here in a third of the time.
  await app.register(fastifyStatic, { ...files, preCompressed: true });

  const index = (_: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (!existsSync(join(page, "index.html"))) return sayMissing(reply);
    // It names the hashed files, so it must never be older than they are.
    reply.header("cache-control", "no-store");
    return reply.sendFile("index.html", page, { cacheControl: false, etag: false });
  };
  app.setNotFoundHandler((request, reply) =>
    isVisit(request) ? sendLost(reply, page) : refuse(reply, refusal("NOT_FOUND")),
  );
  for (const path of ["/", "/join/:code", "/join/:code/", "/@:name/"]) app.get(path, index);
  // Without the slash the seat's cookie would not come along.
  app.get("/@:name", (request, reply) => {
    const { name } = request.params as { name: string };
    return reply.redirect(`/@${encodeURIComponent(name)}/`, 308);
  });

  app.get("/assets/*", (request, reply) => {
    const { "*": file } = request.params as { "*": string };
    return reply.sendFile(`assets/${file}`, page, { maxAge: "1y", immutable: true });
  });
  for (const file of looseFiles(page)) {
    app.get(`/${file}`, (_, reply) => reply.sendFile(file, page, { maxAge: "1h" }));
  }
}

/** Somebody in front of a browser, who came by an address that is none; no program of the page. */
function isVisit({ method, url, headers }: FastifyRequest): boolean {
  const isPage = !/^\/(?:api|assets)\/|^\/@[^/]*\/api\//.test(url);
  return method === "GET" && isPage && /\btext\/html\b/.test(headers.accept ?? "");
}

/** The page says it in words, with the way back. */
function sendLost(reply: FastifyReply, page: string): FastifyReply {
  const file = join(page, "index.html");
  if (!existsSync(file)) return sayMissing(reply);
  reply.code(404).header("cache-control", "no-store").type("text/html; charset=utf-8");
  return reply.send(createReadStream(file));
}

/** Icons and the like beside index.html, as they are when the program starts. */
function looseFiles(page: string): readonly string[] {
  if (!existsSync(page)) return [];
  return readdirSync(page, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[\w-]+\.[\w.-]+$/.test(entry.name))
    .map((entry) => entry.name)
    .filter((name) => name !== "index.html" && !/\.(?:br|gz)$/.test(name));
}

function sayMissing(reply: FastifyReply): FastifyReply {
  const { status, message, hint } = refusal("PAGE_MISSING");
  return reply.code(status).type("text/plain; charset=utf-8").send(`${message}\n${hint}\n`);
}
