// What a module of emitted declarations declares, and what it lets out under which name.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type ESTree, parseSync } from "rolldown/utils";

/** One statement: an overload, a class, a type… */
export interface Declaration {
  readonly file: string;
  /** As the compiler wrote it with its doc comments, without `export` and what is private. */
  readonly text: string;
  /** The same for whoever has it as a type alone, and can make none: without constructors. */
  readonly typeText: string;
  readonly documented: boolean;
  /** Public members of a class or an interface without a comment. */
  readonly bareMembers: readonly string[];
}

/** Where a name comes from: another name, perhaps of another module. */
interface Source {
  readonly file: string;
  readonly name: string;
}

/** A module as one name. */
export interface Namespace {
  readonly file: string;
  readonly declaration: Declaration;
}

export interface Module {
  readonly declared: ReadonlyMap<string, readonly Declaration[]>;
  readonly imported: ReadonlyMap<string, Source>;
  /** By the name it has outside. */
  readonly exported: ReadonlyMap<string, Source>;
  /** Of those, what is let out as a type: `export { type Chat }`. */
  readonly types: ReadonlySet<string>;
  /** Modules that are let out as a whole. */
  readonly stars: readonly string[];
  /** Modules that are let out under a name of their own: `export * as name from`. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** What the doc comment says that the file begins with; empty without one. */
  readonly about: string;
}

type Statement = ESTree.Program["body"][number];
interface Span {
  readonly start: number;
  readonly end: number;
}

export function readModule(file: string): Module {
  const source = readFileSync(file, "utf8");
  const { program, comments } = parseSync(file, source, { lang: "dts" });
  const declared = new Map<string, Declaration[]>();
  const imported = new Map<string, Source>();
  const exported = new Map<string, Source>();
  const types = new Set<string>();
  const stars: string[] = [];
  const namespaces = new Map<string, Namespace>();
  const text = new Text(file, source, comments);
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      for (const one of statement.specifiers) {
        const name = one.type === "ImportSpecifier" ? nameOf(one.imported) : "*";
        imported.set(one.local.name, { file: beside(file, statement.source.value), name });
      }
    } else if (statement.type === "ExportAllDeclaration") {
      const from = beside(file, statement.source.value);
      if (!statement.exported) stars.push(from);
      else {
        const name = nameOf(statement.exported);
        const declaration = text.namespace(statement, name);
        namespaces.set(name, { file: from, declaration });
      }
    } else if (statement.type === "ExportNamedDeclaration" && !statement.declaration) {
      const from = statement.source ? beside(file, statement.source.value) : file;
      for (const { local, exported: outside, exportKind } of statement.specifiers) {
        exported.set(nameOf(outside), { file: from, name: nameOf(local) });
        const isType = statement.exportKind === "type" || exportKind === "type";
        if (isType) types.add(nameOf(outside));
      }
    } else {
      const isExport = statement.type === "ExportNamedDeclaration";
      for (const name of declaredNames(isExport ? statement.declaration : statement)) {
        declared.set(name, [...(declared.get(name) ?? []), text.declaration(statement)]);
        if (isExport) exported.set(name, { file, name });
      }
    }
  }
  const about = text.about(program.body[0]);
  return { declared, imported, exported, types, stars, namespaces, about };
}

class Text {
  readonly #file: string;
  readonly #source: string;
  readonly #comments: readonly Span[];
  readonly #docs: ReadonlyMap<number, Span>;

  constructor(file: string, source: string, comments: readonly (Span & { type: string })[]) {
    this.#file = file;
    this.#source = source;
    this.#comments = comments;
    const docs = comments.filter(({ start }) => source.startsWith("/**", start));
    this.#docs = new Map(docs.map((doc) => [doc.end, doc]));
  }

  /** Of a file that begins with what it declares itself, the first comment is about that. */
  about(first: Statement | undefined): string {
    const [comment] = this.#comments;
    if (comment?.start !== 0 || !this.#docs.has(comment.end)) return "";
    const isAbove = first !== undefined && this.#docOf(first) === comment;
    if (isAbove && !isPassedOn(first)) return "";
    return saidBy(this.#source.slice(comment.start, comment.end));
  }

  declaration(statement: Statement): Declaration {
    const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    const members = inner ? membersOf(inner) : [];
    const isPublic = (member: Member) => !isHidden(member);
    const without = (member: Member) => isHidden(member) || member.kind === "constructor";
    return {
      file: this.#file,
      text: this.#text(statement, members.filter(isHidden)),
      typeText: this.#text(statement, members.filter(without)),
      documented: this.#docOf(statement) !== undefined,
      bareMembers: this.#bare(members.filter(isPublic)),
    };
  }

  namespace(statement: Span, name: string): Declaration {
    const text = `${this.#above(statement)}namespace ${name}`;
    return {
      file: this.#file,
      ...{ text, typeText: text },
      documented: this.#docOf(statement) !== undefined,
      bareMembers: [],
    };
  }

  /** A member that is documented in one of its overloads or accessors is. */
  #bare(members: readonly Member[]): readonly string[] {
    const named = members.flatMap((member) => {
      const name = memberName(this.#source, member);
      return name === undefined ? [] : [{ name, documented: this.#docOf(member) !== undefined }];
    });
    const documented = new Set(named.filter((one) => one.documented).map(({ name }) => name));
    return [...new Set(named.map(({ name }) => name))].filter((name) => !documented.has(name));
  }

  #docOf({ start }: Span): Span | undefined {
    let end = start;
    while (end > 0 && " \n\r\t".includes(this.#source.charAt(end - 1))) end -= 1;
    return this.#docs.get(end);
  }

  /** The doc comment of a statement, with its line end; empty without one. */
  #above(statement: Span): string {
    const doc = this.#docOf(statement);
    return doc ? `${this.#source.slice(doc.start, doc.end)}\n` : "";
  }

  #text(statement: Span, hidden: readonly Span[]): string {
    const without = [
      ...this.#comments.filter(({ end }) => !this.#docs.has(end)),
      ...hidden,
      ...hidden.flatMap((member) => this.#docOf(member) ?? []),
    ].sort((a, b) => a.start - b.start);
    let text = "";
    let at = statement.start;
    for (const cut of without) {
      if (cut.start < at || cut.end > statement.end) continue;
      text += this.#source.slice(at, cut.start);
      at = cut.end;
    }
    text += this.#source.slice(at, statement.end);
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const bare = lines
      .join("\n")
      .replace(/^export /, "")
      .replace(/^declare /, "");
    return this.#above(statement) + bare;
  }
}

/** `export { … } from` and `export * from`: neither has a comment of its own. */
function isPassedOn(statement: Statement): boolean {
  if (statement.type === "ExportAllDeclaration") return !statement.exported;
  return statement.type === "ExportNamedDeclaration" && !statement.declaration;
}

/** The words of a doc comment, without the stars that frame them. */
function saidBy(comment: string): string {
  const lines = comment.slice(3, -2).split("\n");
  return lines
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
}

interface Member extends Span {
  readonly type: string;
  readonly key?: Span & { readonly type: string };
  readonly kind?: string;
  readonly accessibility?: string | null;
}

function membersOf(node: { readonly type: string; readonly body?: unknown }): readonly Member[] {
  if (node.type !== "ClassDeclaration" && node.type !== "TSInterfaceDeclaration") return [];
  return (node.body as { readonly body: readonly Member[] }).body;
}

/** `#private;` stands for all private fields of a class. */
function isHidden({ key, accessibility }: Member): boolean {
  return key?.type === "PrivateIdentifier" || accessibility === "private";
}

/** Constructors and call signatures are told by the class or the interface. */
function memberName(source: string, { key, kind }: Member): string | undefined {
  return key && kind !== "constructor" ? source.slice(key.start, key.end) : undefined;
}

function declaredNames(statement: unknown): readonly string[] {
  const node = statement as {
    readonly id?: { readonly name: string } | null;
    readonly declarations?: readonly { readonly id: { readonly name?: string } }[];
  };
  if (node.declarations) return node.declarations.flatMap(({ id }) => id.name ?? []);
  return node.id ? [node.id.name] : [];
}

function nameOf(name: ESTree.ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}

/** Emitted imports keep the endings of the sources, or have those of JavaScript. */
function beside(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return resolve(dirname(file), specifier.replace(/\.[jt]s$/, ".d.ts"));
}
