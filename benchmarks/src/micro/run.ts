// One micro benchmark in a process of its own. In: `<file> <case> <seconds>`. Out: `result <nanoseconds per operation>`.
import { measure } from './measure.ts'
import type { Work } from './measure.ts'

const [, , file = '', name = '', seconds = '1'] = process.argv
// As a source file or with its types stripped: the neighbours end like this one.
const ending = import.meta.url.slice(-3)
const { cases } = (await import(`./${file}${ending}`)) as { cases: Readonly<Record<string, () => Work>> }
const make = cases[name]
if (make === undefined) throw new Error(`${file} has no case ${name}`)
console.log(`result ${await measure(make(), Number(seconds))}`)
process.exit(0)
