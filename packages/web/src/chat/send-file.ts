/** Brings a file to the house, where everybody who is told its address can have it. */
import type { Phone } from "carillon";
import type { SendFile } from "./uploads.ts";

/** Over MSRP, once the house takes files; until then each of them says that it does not. */
export function sendFileOver(_: Phone): SendFile {
  return () => Promise.reject(new Error("This house takes no files yet."));
}
