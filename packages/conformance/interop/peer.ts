// Suites against programs that are not ours: curl, h2load, nginx. In: the name of a command. Out: its suite, or one skipped test
// that says which command this machine lacks, so that a missing peer is seen in the report and never passes for a success.
// `HYPER_PEER_CURL=/opt/curl/bin/curl` points at a peer that is not on the PATH.
import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, test } from 'vitest'

/** Declares a suite that needs `command`; the suite gets the command's path. */
export function describeWithPeer(command: string, suite: (path: string) => void): void {
  const path = findPeer(command)
  if (path === undefined) test.skip(`peer ${command}: not on this machine`, () => undefined)
  else describe(command, () => suite(path))
}

/** The path of a command, or `undefined` when the machine does not have it. */
export function findPeer(command: string): string | undefined {
  const variable = `HYPER_PEER_${command.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
  const named = process.env[variable]
  if (named !== undefined) return named
  return [...(process.env['PATH'] ?? '').split(delimiter), ...goPlaces(), ...SYSTEM_PLACES]
    .filter((directory) => !directory.includes('node_modules'))
    .map((directory) => join(directory, command))
    .find(isExecutable)
}

// Where servers are, which is not on the PATH of everybody.
const SYSTEM_PLACES = ['/usr/local/sbin', '/usr/sbin']

// Where `go install` puts programs.
function goPlaces(): string[] {
  const own = process.env['GOBIN']
  return [...(own === undefined ? [] : [own]), join(homedir(), 'go', 'bin'), '/opt/gobin']
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
