/** Over UDP alone transactions leave something light behind: see spent.ts. A page has no UDP. */
export class SpentServer {}
export class SpentClient {}
export class SpentQueue {
  add(): void {}
}
export const loadOf = ({ size }: { readonly size: number }): number => size;
