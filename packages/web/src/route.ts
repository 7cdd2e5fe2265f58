/** The page's addresses: a home, an invitation, and one seat per person. */

export type Route =
  | { readonly page: "Home" }
  | { readonly page: "Join"; readonly code: string }
  /** `path` is where the seat's cookie, its data and its page live: `/@anna/`. */
  | { readonly page: "Seat"; readonly name: string; readonly path: string }
  | { readonly page: "Nowhere" };

export function parseRoute(pathname: string): Route {
  const [first = "", second = "", ...rest] = pathname.split("/").filter((part) => part !== "");
  if (first === "") return { page: "Home" };
  if (rest.length > 0) return { page: "Nowhere" };
  if (first === "join" && second !== "") return { page: "Join", code: decoded(second) };
  if (first.startsWith("@") && first.length > 1 && second === "") return seatRoute(first.slice(1));
  return { page: "Nowhere" };
}

function seatRoute(text: string): Route {
  const name = decoded(text);
  return { page: "Seat", name, path: seatPath(name) };
}

/** The cookie's path ends in a slash, so `/@anna` would not send it. */
export function seatPath(name: string): string {
  return `/@${encodeURIComponent(name)}/`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
