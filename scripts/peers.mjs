// Installs the programs that `npm run interop` speaks with and that other package managers bring: with Go, the gRPC interop
// pair, h2spec and h2specd; with Python, httpx, h2 and hpack. What is there already stays; what cannot be had is said. Programs
// of the system (curl, nghttp2, wrk, nginx, HAProxy, Caddy, tinyproxy, microsocks) are the machine's own business. It needs a network; no test does.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The name of each program, the Go package that it comes from, and the versions to try, best first. */
const GO = [
  ['grpc-interop-client', 'google.golang.org/grpc/interop/client', ['v1.33.3']],
  ['grpc-interop-server', 'google.golang.org/grpc/interop/server', ['v1.33.3']],
  ['h2spec', 'github.com/summerwind/h2spec/cmd/h2spec', ['v2.6.0', 'latest']],
  ['h2specd', 'github.com/summerwind/h2spec/cmd/h2specd', ['v2.6.0', 'latest']],
]
const PYTHON = ['httpx[http2]', 'h2', 'hpack']

const goPath = output('go', ['env', 'GOPATH'])
if (goPath === null) console.log('go: not on this machine')
else for (const [name, source, versions] of GO) installGo(join(goPath, 'bin'), name, source, versions)

if (output('python3', ['--version']) === null) console.log('python3: not on this machine')
else if (succeeds('python3', ['-c', 'import httpx, h2, hpack']))
  console.log('python3: httpx, h2 and hpack are there')
else
  report('python3: httpx, h2 and hpack', succeeds('python3', ['-m', 'pip', 'install', '--quiet', ...PYTHON]))

function installGo(directory, name, source, versions) {
  const place = join(directory, name)
  if (existsSync(place)) {
    console.log(`${name}: is there`)
    return
  }
  // `go install` names a program after the last part of its package, which may be another's name too.
  mkdirSync(directory, { recursive: true })
  const built = mkdtempSync(join(directory, '.building-'))
  const version = versions.find((each) => succeeds('go', ['install', `${source}@${each}`], { GOBIN: built }))
  if (version !== undefined) renameSync(join(built, source.slice(source.lastIndexOf('/') + 1)), place)
  rmSync(built, { recursive: true })
  report(version === undefined ? name : `${name} ${version}`, version !== undefined)
}

function report(what, isDone) {
  console.log(`${what}: ${isDone ? 'installed' : 'cannot be had here'}`)
}

function succeeds(program, words, environment = {}) {
  return spawnSync(program, words, { env: { ...process.env, ...environment }, stdio: 'ignore' }).status === 0
}

function output(program, words) {
  const { status, stdout } = spawnSync(program, words, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}
