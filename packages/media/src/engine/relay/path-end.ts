/** A stream of a side on its way through the engine, by its kind. */
import type { PathEnd, PathEndOptions } from "../transport.ts";
import { PictureEnd } from "./picture-end.ts";
import { SoundEnd } from "./sound-end.ts";

/** Sound is passed on or coded anew; pictures are passed on. */
export const openPathEnd = (options: PathEndOptions): PathEnd =>
  options.media === "video" ? new PictureEnd(options) : new SoundEnd(options);
