/** Files on their way to the house: how far each has come, and those that did not get there. */

import type { FileReference } from "carillon/documents";
import { createStore, type Store } from "../store.ts";

export interface Upload {
  readonly id: number;
  readonly conversation: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** Octets that are there. */
  readonly sent: number;
  /** Why it ended before it was there; undefined while it goes on. */
  readonly why?: string;
}

/** Sends one file; `progress` is told how many octets are there. Rejects with words. */
export type SendFile = (
  file: File,
  signal: AbortSignal,
  progress: (sent: number) => void,
) => Promise<FileReference>;

export interface Uploads {
  readonly all: Store<readonly Upload[]>;
  /** `done` says what to do with it once it is there. */
  begin(conversation: string, file: File, done: (file: FileReference) => void): void;
  cancel(id: number): void;
  again(id: number): void;
  close(): void;
}

interface Running {
  readonly file: File;
  readonly done: (file: FileReference) => void;
  stop: AbortController;
}

export function openUploads(send: SendFile): Uploads {
  const all = createStore<readonly Upload[]>([]);
  const running = new Map<number, Running>();
  let last = 0;
  const change = (id: number, change: Partial<Upload>): void =>
    all.write(all.read().map((one) => (one.id === id ? { ...one, ...change } : one)));
  const forget = (id: number): void => {
    running.delete(id);
    all.write(all.read().filter((one) => one.id !== id));
  };
  const run = (id: number, one: Running): void => {
    const { signal } = one.stop;
    send(one.file, signal, (sent) => !signal.aborted && change(id, { sent })).then(
      (file) => {
        if (signal.aborted) return;
        forget(id);
        one.done(file);
      },
      (cause: unknown) => !signal.aborted && change(id, { why: inWords(cause) }),
    );
  };
  return {
    all,
    begin(conversation, file, done) {
      const id = ++last;
      const { name, type, size } = file;
      all.write([...all.read(), { id, conversation, name, type, size, sent: 0 }]);
      const one = { file, done, stop: new AbortController() };
      running.set(id, one);
      run(id, one);
    },
    cancel(id) {
      running.get(id)?.stop.abort();
      forget(id);
    },
    again(id) {
      const one = running.get(id);
      if (one === undefined) return;
      one.stop = new AbortController();
      all.write(all.read().map((it) => (it.id === id ? withoutWhy(it) : it)));
      run(id, one);
    },
    close() {
      for (const { stop } of running.values()) stop.abort();
    },
  };
}

function withoutWhy({ why: _why, ...rest }: Upload): Upload {
  return { ...rest, sent: 0 };
}

const inWords = (cause: unknown): string =>
  cause instanceof Error && cause.message !== "" ? cause.message : "It could not be sent.";
