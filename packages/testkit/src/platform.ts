// What the sockets of a platform do not have, and tests ask for: they skip with these words, or expect what is there instead.

const onDeno: boolean = 'Deno' in globalThis
const onBun: boolean = 'Bun' in globalThis

/** By what is lacking: why; null where it is there. */
export const lacks: Readonly<
  Record<
    | 'reset'
    | 'serverName'
    | 'renegotiation'
    | 'clientCertificate'
    | 'nodeTls'
    | 'unverifiedTls'
    | 'tlsInTls'
    | 'dispatcher'
    | 'unhandled'
    | 'handle'
    | 'fd'
    | 'reusePort'
    | 'reloadTls'
    | 'proxiedTls'
    | 'endOfTls'
    | 'processSignals'
    | 'signalOfThread'
    | 'baseless'
    | 'bodiless',
    string | null
  >
> = {
  reset: onDeno ? 'Deno closes where others reset' : null,
  serverName: onDeno ? 'Deno does not tell for which name a client asked' : null,
  renegotiation: onBun ? 'Bun never does a handshake again' : null,
  clientCertificate: onBun ? 'node:https of Bun does not tell the certificate of a client' : null,
  nodeTls: onDeno ? 'Deno has TLS of its own, with few options' : null,
  unverifiedTls: onDeno ? 'Deno verifies certificates, unless it is started otherwise' : null,
  dispatcher: onDeno || onBun ? 'the fetch of this runtime takes no dispatcher' : null,
  unhandled: onDeno ? 'a listener for unhandled rejections of a thread is not called on Deno' : null,
  tlsInTls: onDeno ? 'Deno has no TLS inside of TLS' : null,
  handle: onDeno || onBun ? 'this runtime takes over nothing that listens already' : null,
  fd: onDeno ? 'Deno takes no descriptor that listens' : null,
  reusePort: onDeno ? 'Deno wants to be started with --unstable-net for it' : null,
  reloadTls: onDeno ? 'Deno reads the certificate of a listener once' : null,
  proxiedTls: onDeno ? 'Deno begins TLS with the first byte' : null,
  endOfTls: onDeno ? 'Deno keeps a TLS connection that was given up until its client leaves' : null,
  processSignals: onDeno ? 'Deno tells signals to listeners of its own' : null,
  signalOfThread: onBun ? 'Bun tells no signal to threads, in which its tests run' : null,
  baseless: onDeno
    ? 'a thread of Deno has a location, and Request takes what is no URL as relative to it'
    : null,
  bodiless: onBun ? 'the Request of Bun takes a GET with a body' : null,
}

/** The arguments with which this runtime's program runs a module that is given as text, and takes packages as sources. */
export function programArguments(text: string): string[] {
  if (onDeno) return ['eval', '--conditions=source', '--no-lock', '--node-modules-dir=manual', text]
  return 'Bun' in globalThis
    ? ['--conditions=source', '--eval', text]
    : ['--conditions=source', '--input-type=module', '--eval', text]
}

/** The name of a test, with why it is skipped. */
export function named(name: string, lack: string | null): string {
  return lack === null ? name : `${name} (skipped: ${lack})`
}
