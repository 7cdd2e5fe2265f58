/** How the page is built: all in files of its own, since the server allows no inline code. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressed } from "./build/compressed.ts";
import { preloadedFont } from "./build/preloaded-font.ts";

export default defineConfig({
  base: "/",
  plugins: [react(), tailwindcss(), preloadedFont(), compressed()],
  build: {
    outDir: "dist",
    target: "es2023",
    // Content-Security-Policy is default-src 'self': a font inlined as data: would be refused.
    assetsInlineLimit: 0,
  },
  worker: {
    // What runs while the page is closed has a name that stays, since browsers ask for it anew, and
    // imports nothing: they take no modules there.
    rolldownOptions: { output: { entryFileNames: "wake.js" } },
  },
});
