import { expect, test } from 'vitest'
import { h1 } from '@hyper/core'
import { HeaderMap } from '@hyper/core/http'
import { toBytes } from '@hyper/testkit'

// The idle clock of a machine that is run by hand: it begins with whichever comes last, the answer or the request's body.

const HEAD = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n'

function begun(): h1.ServerMachine {
  const machine = new h1.ServerMachine({ keepAliveTimeout: 75_000 }, 0)
  machine.receive(toBytes(HEAD), 1)
  expect(machine.nextEvent()).toBe(h1.HEAD_EVENT)
  return machine
}

test('an answer before the end of the request: the clock begins at that end', () => {
  const machine = begun()
  machine.sendHead(200, null, new HeaderMap(), 0, false)
  machine.sendEnd(null)
  machine.receive(toBytes('hi'), 40)
  expect([machine.nextEvent(), machine.nextEvent()]).toEqual([h1.DATA_EVENT, h1.END_EVENT])
  expect([machine.isIdle, machine.nextDeadline]).toEqual([true, 75_040])
  machine.handleDeadline(75_040)
  expect([machine.nextEvent(), machine.error?.code]).toEqual([h1.FAILED, 'IDLE_TIMEOUT'])
})

test('an answer after it: the clock begins with the answer', () => {
  const machine = begun()
  machine.receive(toBytes('hi'), 40)
  expect([machine.nextEvent(), machine.nextEvent()]).toEqual([h1.DATA_EVENT, h1.END_EVENT])
  expect(machine.nextDeadline).toBe(Infinity)
  machine.touch(90)
  machine.sendHead(200, null, new HeaderMap(), 0, false)
  machine.sendEnd(null)
  expect([machine.isIdle, machine.nextDeadline]).toEqual([true, 75_090])
})
