/** Chooses the page by the address. */
import { type ReactNode, useEffect } from "react";
import { address, correctPath } from "../address.ts";
import { useStore } from "../store.ts";
import { HomePage } from "./home-page.tsx";
import { JoinPage } from "./join-page.tsx";
import { NowherePage } from "./nowhere-page.tsx";
import { SeatPage } from "./seat-page.tsx";

export function App(): ReactNode {
  const route = useStore(address);
  useEffect(() => {
    if (route.page === "Seat") correctPath(route.path);
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
