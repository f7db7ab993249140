// How the demo is printed. In: what happened. Out: lines, in colour where somebody watches. It decides nothing.
import { setTimeout as sleep } from 'node:timers/promises'

const BEAT = 90

/** Where a demo is printed. */
export class Page {
  private readonly isWatched: boolean
  private readonly write: (text: string) => void
  private steps = 0

  constructor(output: { readonly isTTY?: boolean; write(text: string): unknown }) {
    this.isWatched = output.isTTY === true && process.env['NO_COLOR'] === undefined
    this.write = (text) => void output.write(text)
  }

  title(text: string, below: string): void {
    this.write(`\n  ${this.paint('1', text)}\n  ${this.paint('2', below)}\n`)
  }

  /** Begins a step; a short pause lets the eye follow. */
  async step(text: string): Promise<void> {
    if (this.isWatched) await sleep(BEAT)
    this.steps++
    this.write(`\n  ${this.paint('36;1', String(this.steps))}  ${this.paint('1', text)}\n`)
  }

  sent(text: string): void {
    this.line('33', '→', text)
  }

  received(text: string): void {
    this.line('32', '←', text)
  }

  note(text: string): void {
    this.write(`     ${this.paint('2', text)}\n`)
  }

  /** Raw bytes, a line of them per line, with their line ends made visible. */
  raw(arrow: 'sent' | 'received', bytes: string): void {
    for (const line of bytes.split(/(?<=\n)/)) {
      if (line === '') continue
      const shown = line.replace(/[^\x20-\x7e]/g, (byte) => this.paint('2', visible(byte)))
      if (arrow === 'sent') this.sent(shown)
      else this.received(shown)
    }
  }

  end(isRight: boolean, text: string): void {
    this.write(`\n  ${this.paint(isRight ? '32;1' : '31;1', isRight ? 'ok' : 'failed')}  ${text}\n\n`)
  }

  private line(colour: string, arrow: string, text: string): void {
    this.write(`     ${this.paint(colour, arrow)} ${text}\n`)
  }

  private paint(code: string, text: string): string {
    return this.isWatched ? `\u001b[${code}m${text}\u001b[0m` : text
  }
}

function visible(byte: string): string {
  if (byte === '\r') return '\\r'
  if (byte === '\n') return '\\n'
  return `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`
}
