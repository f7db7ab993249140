// The verdict over one row. In: the row, the transcript, and (where there is one) what the service saw from that connection.
// Out: pass, warn (allowed by the RFCs, but not what we decided) or fail, with a sentence that says what happened.
import type { ParsedResponse } from './response.ts'
import type { Answer, Row } from './row.ts'
import type { Transcript } from './wire.ts'

/** What became of a row. */
export interface Verdict {
  readonly verdict: 'pass' | 'warn' | 'fail' | 'skip'
  /** What happened, and where it differs from what was expected. */
  readonly detail: string
}

// The target that the tables hide where no request is.
const HIDDEN = '/hidden'

/** Judges one row. `seen` is what the service saw, or null when nobody watches it. */
export function judge(row: Row, transcript: Transcript, seen: readonly string[] | null): Verdict {
  if (transcript.failed !== null) return fail(`no connection: ${transcript.failed}`)
  if (seen !== null && seen.some((request) => request.includes(HIDDEN))) {
    return fail(`the service saw the hidden request: ${describe(transcript)}`)
  }
  if (row.rule === 'W') return judgeWait(row, transcript)
  const refusal = judgeRefusal(row, transcript, seen)
  const acceptance = judgeAnswers(row, transcript)
  if (row.rule === 'A') return acceptance
  if (row.rule !== 'E') return refusal
  if (row.ours === 'E') return best(refusal, acceptance)
  if (waiting(transcript)) return warn('waits for more; allowed, but decided otherwise')
  const [wanted, other] = row.ours === 'R' ? [refusal, acceptance] : [acceptance, refusal]
  if (wanted.verdict !== 'fail' || other.verdict === 'fail') return wanted
  return { verdict: 'warn', detail: `${other.detail}; allowed, but decided otherwise` }
}

/** One line about what came back. */
export function describe(transcript: Transcript): string {
  const statuses = transcript.responses.map((response) => {
    const interim = response.interim.map(({ status }) => `${status}+`).join('')
    return `${interim}${response.status}${response.complete ? '' : ' (cut)'}`
  })
  const end = transcript.reset ? 'reset' : transcript.closed ? 'closed' : 'open'
  const odd = transcript.malformed === null ? '' : `, ${transcript.malformed}`
  return `${statuses.length === 0 ? 'no answer' : statuses.join(', ')}${odd}, ${end}`
}

function judgeWait(row: Row, transcript: Transcript): Verdict {
  const mark = transcript.marks[0]
  if (mark === undefined) return fail('never got as far as waiting')
  if (mark.closed || mark.bytes > 0) return fail(`did not wait for the rest: ${describe(transcript)}`)
  return row.answers.length === 0 ? pass('waits') : judgeAnswers(row, transcript)
}

function judgeRefusal(row: Row, transcript: Transcript, seen: readonly string[] | null): Verdict {
  const { responses, closed, malformed } = transcript
  const [first] = responses
  const what = describe(transcript)
  if (malformed !== null) return fail(what)
  if (row.cut && closed && responses.length <= 1 && first?.complete !== true) return pass(what)
  if (responses.some(isSuccess)) return fail(`answered as if it were right: ${what}`)
  if (responses.length > 1) return fail(`more than one answer: ${what}`)
  if (row.unseen && seen !== null && seen.length > 0)
    return warn(`the service saw ${seen.join(', ')}: ${what}`)
  if (first === undefined) {
    if (!closed) return fail(`neither refused nor ended: ${what}`)
    if (row.silent) return pass(what)
    return row.rule === 'R400' ? fail(`no 400: ${what}`) : warn(`ended without an answer: ${what}`)
  }
  if (first.status < 400) return fail(`not a refusal: ${what}`)
  if (row.rule === 'R400' && first.status !== 400) return fail(`must be 400: ${what}`)
  if (!row.statuses.includes(first.status)) return warn(`expected ${wantedStatuses(row)}: ${what}`)
  if (!first.complete) return warn(`the refusal is cut short: ${what}`)
  return closed ? pass(what) : warn(`refused, but the connection stays open: ${what}`)
}

function judgeAnswers(row: Row, transcript: Transcript): Verdict {
  const { responses, closed, malformed, rest } = transcript
  const what = describe(transcript)
  if (malformed !== null) return fail(what)
  const enough = row.atMost && closed ? responses.length >= 1 : responses.length === row.answers.length
  if (!enough && onlyRefusalsMissing(row, transcript)) return warn(`ended without the refusal: ${what}`)
  if (!enough || responses.length > row.answers.length)
    return fail(`expected ${row.answers.length} answers: ${what}`)
  for (const [index, response] of responses.entries()) {
    const expected = row.answers[index]
    const wrong = expected === undefined ? 'unexpected' : wrongWith(expected, response)
    if (wrong !== null) return fail(`answer ${index + 1}: ${wrong} (${what})`)
  }
  if (rest.length > 0) return fail(`bytes after the last answer: ${what}`)
  if (row.after === 'closed' && !closed) return fail(`the connection must end: ${what}`)
  if (row.after === 'open' && closed) return fail(`the connection must stay: ${what}`)
  return pass(what)
}

function wrongWith(expected: Answer, response: ParsedResponse): string | null {
  if (!expected.statuses.includes(response.status))
    return `status ${response.status}, not ${expected.statuses.join(' or ')}`
  if (!response.complete) return 'cut short'
  if (expected.body !== null && response.body.toString('latin1') !== expected.body) {
    return `content ${JSON.stringify(response.body.toString('latin1').slice(0, 60))}`
  }
  return expected.check === null ? null : expected.check(response)
}

function wantedStatuses(row: Row): string {
  if (row.statuses.length === 0) return 'a silent end'
  return row.statuses.join(' or ')
}

function waiting(transcript: Transcript): boolean {
  return !transcript.closed && transcript.responses.length === 0 && transcript.pending.length === 0
}

// A refusal may also be an end without an answer; we promise the answer.
function onlyRefusalsMissing(row: Row, transcript: Transcript): boolean {
  const missing = row.answers.slice(transcript.responses.length)
  return (
    transcript.closed &&
    missing.length > 0 &&
    missing.every(({ statuses }) => statuses.every((status) => status >= 400))
  )
}

function isSuccess(response: ParsedResponse): boolean {
  return response.status < 400
}

function best(one: Verdict, other: Verdict): Verdict {
  const order = { pass: 0, skip: 1, warn: 2, fail: 3 }
  return order[one.verdict] <= order[other.verdict] ? one : other
}

function pass(detail: string): Verdict {
  return { verdict: 'pass', detail }
}

function warn(detail: string): Verdict {
  return { verdict: 'warn', detail }
}

function fail(detail: string): Verdict {
  return { verdict: 'fail', detail }
}
