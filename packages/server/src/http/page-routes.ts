/**
 * The page: files that Vite built, the hashed ones to be kept for a year, and one index.html at
 * every address a person can be at.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refusal } from "../refusal.ts";
import type { HouseContext } from "./house-context.ts";

export async function pageRoutes(app: FastifyInstance, { page }: HouseContext): Promise<void> {
  await app.register(fastifyStatic, { root: page, serve: false, suppressWarning: true });

  const index = (_: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (!existsSync(join(page, "index.html"))) return sayMissing(reply);
    // It names the hashed files, so it must never be older than they are.
    reply.header("cache-control", "no-store");
    return reply.sendFile("index.html", page, { cacheControl: false, etag: false });
  };
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

/** Icons and the like beside index.html, as they are when the program starts. */
function looseFiles(page: string): readonly string[] {
  if (!existsSync(page)) return [];
  return readdirSync(page, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[\w-]+\.[\w.-]+$/.test(entry.name))
    .map((entry) => entry.name)
    .filter((name) => name !== "index.html");
}

function sayMissing(reply: FastifyReply): FastifyReply {
  const { status, message, hint } = refusal("PAGE_MISSING");
  return reply.code(status).type("text/plain; charset=utf-8").send(`${message}\n${hint}\n`);
}
