// What a server does when nothing more comes. These rows last as long as its timeouts, so they run only on demand.
import { get, HOST, postLength } from './requests.ts'
import { answer, rowsOf, type Row } from './row.ts'

const { refused, answered } = rowsOf('slow')

export const SLOW_ROWS: readonly Row[] = [
  refused('nothing-sent', '9112 §9.5', [], { slow: true, statuses: [], silent: true }),
  refused('part-of-a-request-line', '9110 §15.5.9', 'GET / HT', { slow: true, statuses: [408] }),
  refused('head-without-its-end', '9110 §15.5.9', `GET / HTTP/1.1\r\n${HOST}`, {
    slow: true,
    statuses: [408],
  }),
  refused('content-that-stops', '9110 §15.5.9', postLength('/inspect', 'hel', '5'), {
    slow: true,
    unseen: false,
    need: 'inspect',
    statuses: [408],
  }),
  answered('idle-after-an-answer', '9112 §9.5', get('/'), {
    slow: true,
    after: 'closed',
    answers: [answer()],
  }),
]
