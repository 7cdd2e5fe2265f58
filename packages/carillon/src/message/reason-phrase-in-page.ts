/**
 * Default reason phrases of what a phone answers, in a page; all there are: reason-phrase.ts. RFC
 * 3261 §21.
 */
const PHRASES: Readonly<Record<number, string>> = {
  100: "Trying",
  180: "Ringing",
  183: "Session Progress",
  200: "OK",
  202: "Accepted",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  413: "Request Entity Too Large",
  415: "Unsupported Media Type",
  416: "Unsupported URI Scheme",
  420: "Bad Extension",
  422: "Session Interval Too Small",
  469: "Bad Info Package",
  480: "Temporarily Unavailable",
  481: "Call/Transaction Does Not Exist",
  482: "Loop Detected",
  486: "Busy Here",
  487: "Request Terminated",
  488: "Not Acceptable Here",
  489: "Bad Event",
  491: "Request Pending",
  500: "Server Internal Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  504: "Server Time-out",
  600: "Busy Everywhere",
  603: "Decline",
};

/** What a status is called; a class name for one that is not known. */
export function reasonPhrase(status: number): string {
  const classes = ["", "Progress", "OK", "Moved", "Client Error", "Server Error", "Global Failure"];
  return PHRASES[status] ?? classes[Math.floor(status / 100)] ?? "Unknown";
}
