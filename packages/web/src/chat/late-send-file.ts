/** What brings files to the house comes with the first one: few visits send any. */
import type { Phone } from "carillon";
import type { FileBox } from "./send-file.ts";
import type { SendFile } from "./uploads.ts";

/** Once for each phone. */
export function lateSendFile(phone: Phone, box: FileBox): SendFile {
  let coming: Promise<SendFile> | undefined;
  return async (...file) => {
    coming ??= import("./send-file.ts").then((module) => module.sendFileOver(phone, box));
    const send = await coming.catch(() => {
      throw new Error("A part of this page did not come. Load the page again, then send it.");
    });
    return send(...file);
  };
}
