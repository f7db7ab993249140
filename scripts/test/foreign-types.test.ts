import { expect, test } from 'vitest'
import { foreignTypes } from '../lib/foreign-types.ts'

test('a surface of our own types has no foreign names', () => {
  const text = `
    import { Range } from "./core-types.js";
    import { Io } from "@hyper/core/rt";
    /** Mentions Socket in a comment. */
    interface Box<Value extends Range, T = Io> { readonly Name: 'Socket'; get(key: T): Promise<Value>; }
    declare class Machine<Head> implements Box<Range> { #private; receive(bytes: Uint8Array): Head; }
    declare function map<Result>(of: (item: Range) => Result): ReadonlyArray<Result>;
    export { Box, Machine, map };`
  expect(foreignTypes([text, 'export interface Range { readonly from: number }'])).toEqual([])
})

test('imported and global types of others are named', () => {
  const text = `
    import { Socket, type Server as NetServer } from "node:net";
    declare function io(socket: Socket, server: NetServer, first?: Buffer): ReadableStream<Uint8Array>;`
  expect(foreignTypes([text])).toEqual(['Buffer', 'ReadableStream', 'node:net#Server', 'node:net#Socket'])
})
