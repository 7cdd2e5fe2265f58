/** The font of Latin letters comes beside the styles, not after them: no line changes its width. */
import type { Plugin } from "vite";

const LATIN = /inter-latin-wght-normal-[\w-]+\.woff2$/;

export function preloadedFont(): Plugin {
  return {
    name: "preloaded-font",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => LATIN.test(name));
        if (file === undefined) return [];
        const attrs = { rel: "preload", as: "font", type: "font/woff2", crossorigin: true };
        return [{ tag: "link", attrs: { ...attrs, href: `/${file}` }, injectTo: "head" }];
      },
    },
  };
}
