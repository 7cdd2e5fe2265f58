/** Where the page begins. */
import { createRoot } from "react-dom/client";
import "./theme.css";
import { App } from "./pages/app.tsx";
import { listenForPressed } from "./wake/pressed.ts";

listenForPressed();

const place = document.getElementById("page");
if (place === null) throw new Error("index.html has no element with the id page");
createRoot(place).render(<App />);
