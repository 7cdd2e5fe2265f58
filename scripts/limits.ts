// Writes docs/limits.md: everything that a peer can make grow, how far, and what goes first.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { limitsPage } from "./limits/page.ts";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
writeFileSync(at("docs/limits.md"), limitsPage(at("packages")));
