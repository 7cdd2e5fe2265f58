/** Where the page begins. */
import { createRoot } from "react-dom/client";
import "./theme.css";
import { address } from "./address.ts";
import { App, SeatPage } from "./pages/app.tsx";
import { askEarly } from "./pages/early-me.ts";
import { listenForPressed } from "./wake/pressed.ts";

listenForPressed();

const route = address.read();
if (route.page === "Seat") {
  askEarly(route.path);
  void SeatPage.load();
}

const place = document.getElementById("page");
if (place === null) throw new Error("index.html has no element with the id page");
createRoot(place).render(<App />);
