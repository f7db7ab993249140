// A header map of a browser's twelve fields: built, three looked up (one is not there), one set.
import { HeaderMap } from '@hyper/core/http'
import type { Work } from './measure.ts'
import { BROWSER_FIELDS } from './messages.ts'

export const cases: Readonly<Record<string, () => Work>> = {
  ours: () => (times) => {
    let found = 0
    for (let time = 0; time < times; time += 1) found += use(new HeaderMap(BROWSER_FIELDS))
    check(found, times)
  },
  platform: () => {
    const fields = BROWSER_FIELDS.map(([name, value]): [string, string] => [name, value])
    return (times) => {
      let found = 0
      for (let time = 0; time < times; time += 1) found += use(new Headers(fields))
      check(found, times)
    }
  },
}

interface MapLike {
  get(name: string): string | null
  set(name: string, value: string): unknown
}

function use(map: MapLike): number {
  let found = 0
  if (map.get('accept') !== null) found += 1
  if (map.get('cookie') !== null) found += 1
  if (map.get('x-missing') !== null) found += 1
  map.set('x-added', 'yes')
  return found
}

function check(found: number, times: number): void {
  if (found !== 2 * times) throw new Error(`${found} found in ${times} times`)
}
