/**
 * Beside each file of text that is built lies the same one compressed, as small as it gets: the
 * server sends what the browser takes, and compresses nothing itself.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Below this a packet is sent in any case. */
const LEAST_OCTETS = 1000;

export function compressed(): Plugin {
  return {
    name: "compressed",
    // What is on the disk, at the very end: until then other plugins still change what they made.
    async writeBundle({ dir = "" }, bundle) {
      const files = Object.keys(bundle).filter((name) => /^assets\/.*\.(?:js|css)$/.test(name));
      await Promise.all(files.map((name) => compress(join(dir, name))));
    },
  };
}

async function compress(path: string): Promise<void> {
  const source = await readFile(path);
  if (source.length < LEAST_OCTETS) return;
  await writeFile(`${path}.br`, brotli(source));
  await writeFile(`${path}.gz`, gzipSync(source, { level: constants.Z_BEST_COMPRESSION }));
}

const brotli = (source: Buffer): Buffer =>
  brotliCompressSync(source, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: source.length,
    },
  });
