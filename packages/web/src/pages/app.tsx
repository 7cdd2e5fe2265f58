/** Chooses the page by the address. */
import { type ReactNode, useEffect } from "react";
import { address, correctPath } from "../address.ts";
import { late } from "../look/late.tsx";
import { useStore } from "../store.ts";
import { HomePage } from "./home-page.tsx";
import { JoinPage } from "./join-page.tsx";
import { NowherePage } from "./nowhere-page.tsx";
import { Opening } from "./opening.tsx";

/** Whoever opens an invitation has not to wait for a phone to see whose it is. */
export const SeatPage = late(
  () => import("./seat-page.tsx").then((module) => module.SeatPage),
  <Opening />,
);

export function App(): ReactNode {
  const route = useStore(address);
  useEffect(() => {
    if (route.page === "Seat") correctPath(route.path);
    // From here one goes to a seat next.
    if (route.page === "Home" || route.page === "Join") void SeatPage.load();
  }, [route]);
  switch (route.page) {
    case "Home":
      return <HomePage />;
    case "Join":
      return <JoinPage key={route.code} code={route.code} />;
    case "Seat":
      return <SeatPage key={route.path} seat={route.path} />;
    case "Nowhere":
      return <NowherePage />;
  }
}
