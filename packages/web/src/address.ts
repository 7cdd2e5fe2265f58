/** Where the page is, as a store: three kinds of page need no router library. */
import { parseRoute, type Route } from "./route.ts";
import { createStore, type Store } from "./store.ts";

export const address: Store<Route> = createStore(parseRoute(location.pathname));

/** Goes on without loading anew, which also keeps the browser's leave to play sound. */
export function goTo(path: string): void {
  history.pushState(null, "", path);
  address.write(parseRoute(path));
}

/** Puts the canonical path into the address bar; the page stays what it is. */
export function correctPath(path: string): void {
  if (location.pathname !== path) history.replaceState(null, "", path);
}

addEventListener("popstate", () => address.write(parseRoute(location.pathname)));
