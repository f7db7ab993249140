import type { Settings } from '../options.ts'

// LineState: what the start-line parsers read and write of the head parser that runs them, and the phases and bytes
// that both name.

/** The phase before a start line; those of a start line lie between this one and FIELDS. */
export const START = 0
/** After the CR of a blank line before a start line. */
export const BLANK_LF = 7
/** The phase of the field lines. */
export const FIELDS = 10

export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20

export interface LineState {
  phase: number
  /** How far the scan has come, from the head's first byte. */
  at: number
  /** Blank lines skipped before a start line. */
  blanks: number
  /** Where the start line's first byte is: after blank lines. */
  lineStart: number
  /** Request: end of the method. Response: start of the reason. */
  markA: number
  /** Request: start of the target. Response: end of the reason. */
  markB: number
  /** Request: end of the target. */
  markC: number
  /** Minor version: 0, or 1 for all later ones. */
  minor: number
  status: number
  readonly settings: Settings
}
