/** Faults that are none: the program does the same with them, so that no test can notice. */
export interface Equivalent {
  readonly file: string;
  /** The line and what becomes of it, as the list of survivors prints it. */
  readonly what: string;
  readonly why: string;
}

interface Tried {
  readonly subject: { readonly path: string };
  readonly mutant: { readonly what: string };
}

const names =
  ({ subject, mutant }: Tried) =>
  ({ file, what }: Equivalent): boolean =>
    file === subject.path && what === mutant.what;

export const isEquivalent = (list: readonly Equivalent[], one: Tried): boolean =>
  list.some(names(one));

/** Entries of the list that are not among those that survived: they say what is not so. */
export const stale = (
  list: readonly Equivalent[],
  survivors: readonly Tried[],
): readonly Equivalent[] => list.filter((entry) => !survivors.some((one) => names(one)(entry)));
