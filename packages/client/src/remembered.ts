// Remembered: what was made of texts. A program asks for few URLs many times, and parsing one costs more than looking it up.
// Its size is bounded, whatever a program asks for.

/** Texts that are remembered; then the memory starts afresh. */
const MOST = 1_000
/** A longer text is not: a thousand of them would be too much, and it is hardly asked for twice. */
const LONGEST = 2_048

export class Remembered<T> {
  private readonly values: Map<string, T>

  constructor() {
    this.values = new Map()
  }

  get(text: string): T | undefined {
    return this.values.get(text)
  }

  set(text: string, value: T): void {
    if (text.length > LONGEST) return
    if (this.values.size >= MOST) this.values.clear()
    this.values.set(text, value)
  }
}
