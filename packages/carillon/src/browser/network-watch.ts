/** Sees that a page's network is another one than before. */

/** What Chromium on phones says of it; elsewhere it is not there, or says nothing of the kind. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Calls `changed` each time. The result ends it. Where a page has no such events, never. */
export function watchNetwork(changed: () => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const { connection } = (globalThis.navigator ?? {}) as { connection?: NetworkInformation };
  globalThis.addEventListener?.("online", changed, { signal });
  let type = connection?.type;
  connection?.addEventListener?.(
    "change",
    () => {
      // It also tells how quick the network is by its guess, many times an hour.
      if (connection.type === type) return;
      type = connection.type;
      if (type !== "none") changed();
    },
    { signal },
  );
  return () => stop.abort();
}
