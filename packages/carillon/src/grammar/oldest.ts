/** Maps that are full for as long as somebody wants them to be: which entry goes. */

/**
 * Takes the oldest entries out of a map, whose order is that of their age. `[oldest] = map.keys()`
 * walks each time over the places of all that have gone since the map was last tidied up, which are
 * thousands in a full one; a walk that goes on passes each of them once.
 */
export class Oldest<Key> {
  readonly #map: Map<Key, unknown>;
  /** Nothing that is before it is in the map any more. */
  #walk: MapIterator<Key> | undefined;

  /** Of this map. Entries that become new are to be deleted and set again. */
  constructor(map: Map<Key, unknown>) {
    this.#map = map;
  }

  /** Before an entry is added: makes room for it, where there are `capacity` (1 or more). */
  makeRoom(capacity: number): void {
    if (this.#map.size < capacity) {
      // A walk that stands still would hold on to what the map was made of before.
      this.#walk = undefined;
      return;
    }
    this.#walk ??= this.#map.keys();
    // It has not ended: a full map has an entry, and none is before the walk.
    this.#map.delete((this.#walk.next() as IteratorYieldResult<Key>).value);
  }
}
