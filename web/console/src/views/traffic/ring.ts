// The last of many: a list that forgets its first when it is full. Adding, taking away and finding cost the same however
// long it is.

export class Ring<T> {
  #places: (T | undefined)[] = [];
  #start = 0;
  #length = 0;

  constructor(readonly capacity: number) {}

  get length(): number {
    return this.#length;
  }

  /** Counted from the first that is left. */
  at(index: number): T | undefined {
    return index < 0 || index >= this.#length ? undefined : this.#places[(this.#start + index) % this.capacity];
  }

  /** Adds it as the last, and returns the first if that had to go for it. */
  push(value: T): T | undefined {
    const forgotten = this.#length === this.capacity ? this.shift() : undefined;
    this.#places[(this.#start + this.#length) % this.capacity] = value;
    this.#length += 1;
    return forgotten;
  }

  /** Takes the first away. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const first = this.#places[this.#start];
    this.#places[this.#start] = undefined;
    this.#start = (this.#start + 1) % this.capacity;
    this.#length -= 1;
    return first;
  }

  clear() {
    this.#places = [];
    this.#start = 0;
    this.#length = 0;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.#length; index++) yield this.#places[(this.#start + index) % this.capacity]!;
  }
}
