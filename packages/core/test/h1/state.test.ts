import { describe, expect, test } from 'vitest'
import {
  ALONE,
  BEGIN,
  BODY,
  CLOSE,
  CLOSED,
  ConnectionState,
  DONE,
  END,
  EVENT_NAMES,
  HEAD,
  nextState,
  RECYCLE,
  STATE_NAMES,
  SWITCH,
  SWITCHED,
  TRANSITIONS,
  type HalfEvent,
  type HalfState,
} from '../../src/h1/state.ts'

const STATES: HalfState[] = [HEAD, BODY, DONE, SWITCHED, CLOSED]
const EVENTS: HalfEvent[] = [BEGIN, ALONE, END, RECYCLE, SWITCH, CLOSE]

// The diagram of state.ts, written down once more by hand: every cell that is not here is refused.
const ALLOWED: Readonly<Record<string, HalfState>> = {
  'HEAD begin': BODY,
  'HEAD alone': DONE,
  'HEAD close': CLOSED,
  'BODY end': DONE,
  'BODY close': CLOSED,
  'DONE recycle': HEAD,
  'DONE switch': SWITCHED,
  'DONE close': CLOSED,
  'SWITCHED close': SWITCHED,
  'CLOSED close': CLOSED,
}

function at(read: HalfState, write: HalfState): ConnectionState {
  const state = new ConnectionState()
  state.read = read
  state.write = write
  return state
}

describe('one half', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const name = `${STATE_NAMES[state]} ${EVENT_NAMES[event]}`
      const next = ALLOWED[name] ?? -1
      test(`${name} → ${next === -1 ? 'refused' : STATE_NAMES[next]}`, () => {
        expect(nextState(state, event)).toBe(next)
        // The other half in HEAD: no move that both make together.
        for (const half of ['read', 'write'] as const) {
          const it = half === 'read' ? at(state, HEAD) : at(HEAD, state)
          const move = (): void => (half === 'read' ? it.moveRead(event) : it.moveWrite(event))
          if (next === -1)
            expect(move).toThrow(
              `${EVENT_NAMES[event]} while ${half === 'read' ? 'reading' : 'writing'} ${STATE_NAMES[state]}`,
            )
          else {
            move()
            expect([it.read, it.write]).toEqual(half === 'read' ? [next, HEAD] : [HEAD, next])
          }
        }
      })
    }
  }

  test('the table has a cell for every state and event, and no other', () => {
    expect(TRANSITIONS).toHaveLength(STATES.length * EVENTS.length)
    expect([STATE_NAMES.length, EVENT_NAMES.length]).toEqual([STATES.length, EVENTS.length])
    expect([...TRANSITIONS].filter((next) => next !== -1)).toHaveLength(Object.keys(ALLOWED).length)
  })
})

describe('both halves', () => {
  /** Finishes the half that is not done yet, in either order. */
  function finishBoth(prepare: (state: ConnectionState) => void): [HalfState, HalfState][] {
    return [true, false].map((readFirst) => {
      const state = at(BODY, BODY)
      prepare(state)
      if (readFirst) state.moveRead(END)
      else state.moveWrite(END)
      expect([state.read, state.write]).toEqual(readFirst ? [DONE, BODY] : [BODY, DONE])
      if (readFirst) state.moveWrite(END)
      else state.moveRead(END)
      return [state.read, state.write]
    })
  }

  test('both done, and nothing against it: the next message', () => {
    expect(finishBoth(() => undefined)).toEqual([
      [HEAD, HEAD],
      [HEAD, HEAD],
    ])
  })

  test('both done, and a reason: closed', () => {
    expect(finishBoth((state) => state.addReason('peer-close'))).toEqual([
      [CLOSED, CLOSED],
      [CLOSED, CLOSED],
    ])
  })

  test('both done, and switching: switched, whatever the reasons', () => {
    for (const reason of [null, 'our-close'] as const) {
      let seen: ConnectionState | null = null
      const ends = finishBoth((state) => {
        seen = state
        state.switching = true
        if (reason !== null) state.addReason(reason)
      })
      expect(ends).toEqual([
        [SWITCHED, SWITCHED],
        [SWITCHED, SWITCHED],
      ])
      expect(seen!.reasons).toEqual(reason === null ? ['switched'] : [reason, 'switched'])
    }
  })

  test('messages without bodies move the same way', () => {
    const state = new ConnectionState()
    state.moveRead(ALONE)
    state.moveWrite(ALONE)
    expect([state.read, state.write]).toEqual([HEAD, HEAD])
  })

  test('a reason counts once, and is never shared with another connection', () => {
    const state = new ConnectionState()
    expect(state.reusable).toBe(true)
    state.addReason('eof')
    state.addReason('eof')
    state.addReason('timeout')
    expect([state.reasons, state.reusable]).toEqual([['eof', 'timeout'], false])
    expect(new ConnectionState().reasons).toEqual([])
    expect(() => new ConnectionState().reasons.push('eof')).toThrow()
  })

  test('closing both leaves nothing but closed, and what was switched', () => {
    for (const read of STATES) {
      for (const write of STATES) {
        const state = at(read, write)
        state.moveRead(CLOSE)
        state.moveWrite(CLOSE)
        expect([state.read, state.write]).toEqual(
          [read, write].map((half) => (half === SWITCHED ? SWITCHED : CLOSED)),
        )
      }
    }
  })
})
