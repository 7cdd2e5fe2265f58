// What a page would load: an entry and all it needs in one file, minified. Bundled by rolldown as
// Vite does it.

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";

export interface Bundle {
  readonly name: string;
  readonly code: string;
  readonly map: SourceMap;
}

/** The two fields of a source map that say which source a character came from. */
export interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

const ENTRY = "\0entry";

/** Bundles `code`, whose imports are found from `folder`. */
export async function bundle(name: string, code: string, folder: string): Promise<Bundle> {
  const plugin: Plugin = {
    name: "entry",
    async resolveId(id, importer) {
      if (id === "entry") return ENTRY;
      return importer === ENTRY ? this.resolve(id, join(folder, "entry.js")) : undefined;
    },
    load: (id) => (id === ENTRY ? code : undefined),
  };
  const build = await rolldown({
    cwd: folder,
    input: "entry",
    platform: "browser",
    plugins: [plugin],
    logLevel: "silent",
  });
  const { output } = await build.generate({ format: "es", minify: true, sourcemap: "hidden" });
  await build.close();
  const chunks = output.filter((one): one is OutputChunk => one.type === "chunk");
  const [chunk] = chunks;
  if (chunks.length !== 1 || !chunk?.map) throw new Error(`${name}: expected one file with a map`);
  return { name, code: chunk.code, map: chunk.map };
}

/** As a server would send it. */
export const gzipped = (code: string): number => gzipSync(code, { level: 9 }).length;
