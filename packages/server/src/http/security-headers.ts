/**
 * What every answer carries: the page runs its own files and nothing else, in nobody's frame.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  // Vite's build needs no inline script or style. `ws:` is spelled out for browsers to which
  // 'self' means http only.
  "content-security-policy": [
    "default-src 'self'",
    "connect-src 'self' ws: wss:",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  // Invite codes are in paths: they must not travel on in a Referer.
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};
