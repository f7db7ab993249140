import { trimBlanks } from '../h1/list.ts'

// Priority signals (RFC 9218 §4): the value of a `priority` field or of a PRIORITY_UPDATE frame, to urgency and
// incremental. A structured-field dictionary of which two keys matter; what cannot be read is ignored.

export const DEFAULT_URGENCY = 3

export interface Priority {
  readonly urgency: number
  readonly incremental: boolean
}

/** Reads `u=0..7` and `i`. What is missing has the RFC's default: 3 and no. */
export function parsePriority(value: string): Priority {
  let urgency = DEFAULT_URGENCY
  let incremental = false
  for (const member of value.split(',')) {
    const text = trimBlanks(member)
    const end = text.indexOf(';')
    const item = end < 0 ? text : text.slice(0, end)
    if (/^u=[0-7]$/.test(item)) urgency = Number(item.slice(2))
    else if (item === 'i' || item === 'i=?1') incremental = true
    else if (item === 'i=?0') incremental = false
  }
  return { urgency, incremental }
}
