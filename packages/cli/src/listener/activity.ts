/** What a program is at work on, and since when there is nothing. */
export class Activity {
  #under = 0;
  #last = performance.now();

  async during<T>(work: Promise<T>): Promise<T> {
    this.#under++;
    try {
      return await work;
    } finally {
      this.#under--;
      this.#last = performance.now();
    }
  }

  /** Milliseconds since the last work has ended; none while there is some. */
  get idle(): number {
    return this.#under === 0 ? performance.now() - this.#last : 0;
  }
}
