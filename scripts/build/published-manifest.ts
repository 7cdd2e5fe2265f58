/** The manifest that is published: the sources' own, its doors led to what tsc made of them. */

export interface SourceManifest {
  readonly exports: Readonly<Record<string, Door>>;
  /** Sources, and what stands in their place in a page. */
  readonly browser?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A source file, or one for each condition: `{ "browser": …, "default": … }`. */
export type Door = string | { readonly [condition: string]: Door };

const KEPT_AT_HOME = ["private", "scripts", "devDependencies", "files"];

export function publishedManifest(source: SourceManifest): SourceManifest {
  const kept = Object.entries(source).filter(([field]) => !KEPT_AT_HOME.includes(field));
  const doors = Object.entries(source.exports).map(([name, door]) => [name, built(door)] as const);
  const { browser = {} } = source;
  const inPages = Object.entries(browser).map((pair) => pair.map((one) => `${stem(one)}.js`));
  return {
    ...Object.fromEntries(kept),
    ...(source.browser && { browser: Object.fromEntries(inPages) }),
    exports: { ...Object.fromEntries(doors), "./package.json": "./package.json" },
  };
}

/** npm knows no `publishConfig.exports`, hence all this: `./src/x.ts` becomes what is beside it. */
function built(door: Door): Door {
  if (typeof door !== "string") {
    return Object.fromEntries(
      Object.entries(door).map(([condition, inner]) => [condition, built(inner)]),
    );
  }
  return { types: `${stem(door)}.d.ts`, default: `${stem(door)}.js` };
}

function stem(source: string): string {
  const match = /^\.\/src\/(.+)\.ts$/.exec(source);
  if (match === null) throw new Error(`a door leads to ${source}, which is not a source of src`);
  return `./${match[1]}`;
}
