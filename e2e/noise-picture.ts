/** A PNG of noise: a picture that nothing makes smaller, of any size. */
import { randomFillSync } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Eight bits each of red, green and blue. */
const TRUE_COLOUR = 2;

/** Of this many pixels in width and height; three octets for each, and little around them. */
export function noisePicture(pixels: number): Buffer {
  const rows = Buffer.alloc(pixels * (1 + 3 * pixels));
  randomFillSync(rows);
  // Each row begins with how it was filtered: not at all.
  for (let row = 0; row < pixels; row++) rows[row * (1 + 3 * pixels)] = 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(pixels, 0);
  head.writeUInt32BE(pixels, 4);
  head.set([8, TRUE_COLOUR, 0, 0, 0], 8);
  const data = deflateSync(rows, { level: 0 });
  const chunks = [chunk("IHDR", head), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}
