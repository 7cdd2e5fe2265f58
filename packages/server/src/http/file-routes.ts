/**
 * Files that people have sent to `sip:files@house`, for whoever knows their URL. What is in them is
 * a stranger's: it is never run as a page of ours, and nothing but pictures, sound and films is
 * shown in place.
 */
import { createReadStream } from "node:fs";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { FileShelf, ShelvedFile } from "../msrp/file-shelf.ts";
import { refusal } from "../refusal.ts";
import { refuse } from "./answer.ts";

/** What a browser shows by itself and cannot be made to run: no SVG, no HTML, no PDF. */
const SHOWN = /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp)|(?:audio|video)\/[\w.+-]{1,64})$/;
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}$/;

export const filePath = (id: string, name: string): string =>
  `/f/${id}/${encodeURIComponent(name)}`;

export function fileRoutes(app: FastifyInstance, shelf: FileShelf): void {
  app.get("/f/:id/:name", async (request, reply) => {
    const { id } = request.params as { id: string };
    // By its id alone: the name is for people, and no part of a path here.
    const file = shelf.find(id);
    if (!file) return refuse(reply, refusal("NOT_FOUND"));
    return give(file, shelf, request, reply);
  });
}

function give(
  file: ShelvedFile,
  shelf: FileShelf,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const type = MEDIA_TYPE.test(file.type) ? file.type : "application/octet-stream";
  const disposition = SHOWN.test(type) ? "inline" : "attachment";
  reply.headers({
    "content-type": type,
    "content-disposition": `${disposition}; filename*=UTF-8''${extended(file.name)}`,
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "private, max-age=31536000, immutable",
    "accept-ranges": "bytes",
    etag: `"${file.id}"`,
  });
  if (request.headers["if-none-match"] === `"${file.id}"`) return reply.code(304).send();
  const range = rangeOf(request.headers.range, file.size);
  if (range === "unsatisfiable") {
    return reply.code(416).header("content-range", `bytes */${file.size}`).send();
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  if (range) reply.code(206).header("content-range", `bytes ${start}-${end}/${file.size}`);
  reply.header("content-length", end - start + 1);
  if (request.method === "HEAD" || file.size === 0) return reply.send();
  return reply.send(createReadStream(shelf.pathOf(file), { start, end }));
}

/** One range of a file; undefined for all of it. RFC 9110 §14.2. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  const [, from = "", to = ""] = parts ?? [];
  if (!parts || (from === "" && to === "")) return undefined;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  return start >= size || end < start ? "unsatisfiable" : { start, end };
}

/** `ext-value` of RFC 8187 §3.2.1: what is no `attr-char` is escaped. */
const extended = (name: string): string =>
  encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
