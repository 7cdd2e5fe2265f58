/** The last snapshot of a call's media, once a second. */
import { type MediaStatistics, statistics, type WebMedia } from "carillon";
import { useEffect, useState } from "react";
import { follow } from "../phone/call-book.ts";

export function useStatistics(media: WebMedia | undefined): MediaStatistics | undefined {
  const [seen, see] = useState<MediaStatistics>();
  useEffect(() => {
    see(undefined);
    if (media === undefined) return;
    const over = new AbortController();
    void follow(statistics(media, { signal: over.signal }), see);
    return () => over.abort();
  }, [media]);
  return seen;
}
