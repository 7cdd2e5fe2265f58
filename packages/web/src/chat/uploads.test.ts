import type { FileReference } from "carillon/documents";
import { expect, test } from "vitest";
import { openUploads, type SendFile } from "./uploads.ts";

const file = new File(["x".repeat(100)], "a.png", { type: "image/png" });
const reference: FileReference = {
  ...{ url: "https://h.example/f/1/a.png", name: "a.png", size: 100, type: "image/png" },
};

function stage() {
  const asked: { signal: AbortSignal; progress: (sent: number) => void }[] = [];
  const ends: PromiseWithResolvers<FileReference>[] = [];
  const send: SendFile = (_, signal, progress) => {
    asked.push({ signal, progress });
    const end = Promise.withResolvers<FileReference>();
    ends.push(end);
    return end.promise;
  };
  return { uploads: openUploads(send), asked, ends };
}
const turn = () => new Promise((resolve) => setTimeout(resolve));

test("a file is seen on its way, and becomes a message once it is there", async () => {
  const { uploads, asked, ends } = stage();
  const done: FileReference[] = [];
  uploads.begin("sip:bob@h", file, (one) => done.push(one));
  asked[0]?.progress(40);
  expect(uploads.all.read()).toMatchObject([{ name: "a.png", size: 100, sent: 40 }]);
  ends[0]?.resolve(reference);
  await turn();
  expect([uploads.all.read(), done]).toEqual([[], [reference]]);
});

test("one that is cancelled is gone, whatever comes of it later", async () => {
  const { uploads, asked, ends } = stage();
  uploads.begin("sip:bob@h", file, () => expect.unreachable());
  uploads.cancel(uploads.all.read()[0]?.id ?? -1);
  expect(asked[0]?.signal.aborted).toBe(true);
  asked[0]?.progress(100);
  ends[0]?.resolve(reference);
  await turn();
  expect(uploads.all.read()).toEqual([]);
});

test("one that failed says why, and is sent again when asked", async () => {
  const { uploads, ends } = stage();
  const done: FileReference[] = [];
  uploads.begin("sip:bob@h", file, (one) => done.push(one));
  ends[0]?.reject(new Error("The house has no room for it."));
  await turn();
  const [failed] = uploads.all.read();
  expect(failed?.why).toBe("The house has no room for it.");
  uploads.again(failed?.id ?? -1);
  expect(uploads.all.read()[0]?.why).toBeUndefined();
  ends[1]?.resolve(reference);
  await turn();
  expect([uploads.all.read(), done.length]).toEqual([[], 1]);
});
