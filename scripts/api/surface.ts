// The public names of a door, followed to where they are declared.
import { type Declaration, type Module, readModule } from "./declarations.ts";

export interface PublicName {
  readonly name: string;
  /** Empty for what is taken from another package, whose module is `from`. */
  readonly declarations: readonly Declaration[];
  readonly from: string;
  /** Whether the door lets it out as a type alone. */
  readonly isType: boolean;
  /** What its signature is made of, and is declared in other modules. */
  readonly madeOf: readonly Mention[];
}

export interface Mention {
  /** As the signature has it. */
  readonly name: string;
  /** As it is called where it comes from. */
  readonly original: string;
  readonly declarations: readonly Declaration[];
  readonly from: string;
}

export class Surface {
  readonly #modules = new Map<string, Module>();

  /**
   * Sorted by name, in the order of its letters' codes: the same on every machine. What a namespace
   * holds comes behind the namespace, as `namespace.name`.
   */
  namesOf(file: string): readonly PublicName[] {
    const plain = [...this.#exportedBy(file, new Set())].map((name) => {
      const found = this.#follow(file, name);
      const isType = this.#isType(file, name);
      return { name, ...found, isType, madeOf: this.#madeOf(found.declarations, isType) };
    });
    const within = [...this.#module(file).namespaces].flatMap(([name, space]) => [
      { name, declarations: [space.declaration], from: file, isType: false, madeOf: [] },
      ...this.namesOf(space.file).map((inner) => ({ ...inner, name: `${name}.${inner.name}` })),
    ]);
    return [...plain, ...within].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What the door says of itself. */
  aboutOf(file: string): string {
    return this.#module(file).about;
  }

  #module(file: string): Module {
    const known = this.#modules.get(file);
    if (known) return known;
    const read = readModule(file);
    this.#modules.set(file, read);
    return read;
  }

  #exportedBy(file: string, seen: Set<string>): ReadonlySet<string> {
    if (seen.has(file)) return new Set();
    seen.add(file);
    const { exported, stars } = this.#module(file);
    const behind = stars.flatMap((star) => [...this.#exportedBy(star, seen)]);
    return new Set([...exported.keys(), ...behind]);
  }

  #madeOf(declarations: readonly Declaration[], isType: boolean): readonly Mention[] {
    return declarations.flatMap((one) => {
      const { imported } = this.#module(one.file);
      return wordsOf(isType ? one.typeText : one.text).flatMap((name): Mention[] => {
        const source = imported.get(name);
        if (!source || source.name === "*") return [];
        const { file, name: original } = source;
        const found = isFile(file)
          ? this.#follow(file, original)
          : { declarations: [], from: file };
        return [{ name, original, ...found }];
      });
    });
  }

  /** On any of the steps from the door to where it is declared. */
  #isType(file: string, name: string): boolean {
    const { exported, types, stars } = this.#module(file);
    if (types.has(name)) return true;
    const source = exported.get(name);
    if (source) {
      const isHere = source.file === file || !isFile(source.file);
      return !isHere && this.#isType(source.file, source.name);
    }
    return stars.some(
      (one) => this.#exportedBy(one, new Set()).has(name) && this.#isType(one, name),
    );
  }

  #follow(file: string, name: string): Found {
    const { exported, stars } = this.#module(file);
    const source = exported.get(name);
    if (source) return this.#declaredAt(source.file, source.name, file);
    const star = stars.find((one) => this.#exportedBy(one, new Set()).has(name));
    if (star === undefined) throw new Error(`${file}: nothing is called ${name}`);
    return this.#follow(star, name);
  }

  #declaredAt(file: string, name: string, asker: string): Found {
    if (!isFile(file)) return { declarations: [], from: file };
    if (file !== asker) return this.#follow(file, name);
    const { declared, imported } = this.#module(file);
    const declarations = declared.get(name);
    if (declarations) return { declarations, from: file };
    const source = imported.get(name);
    if (!source) throw new Error(`${file}: nothing is called ${name}`);
    return isFile(source.file)
      ? this.#follow(source.file, source.name)
      : { declarations: [], from: source.file };
  }
}

type Found = Pick<PublicName, "declarations" | "from">;

/** The names in a signature, each once: not those in comments and strings. */
function wordsOf(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|"[^"\n]*"/g, "");
  return [...new Set(code.match(/[A-Za-z_$][\w$]*/g))];
}

/** And not the name of a package. */
const isFile = (module: string): boolean => module.startsWith("/") || module.includes(":\\");
