import { type HyperDispatcher, toDispatcher } from '@hyper/client/undici'
import type { Dispatcher as Dispatcher6 } from 'undici6'
import type { Dispatcher as Dispatcher7 } from 'undici7'
import type { Dispatcher as Dispatcher8 } from 'undici8'

// A dispatcher of ours is one of every undici for the compiler, too: that this compiles is the test,
// also with the types of a browser beside those of Node, which a program has unless it says otherwise (types.test.ts).

export function everyDispatcher(): readonly [HyperDispatcher, Dispatcher6, Dispatcher7, Dispatcher8] {
  const dispatcher = toDispatcher()
  return [dispatcher, dispatcher, dispatcher, dispatcher]
}
