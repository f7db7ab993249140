import { type ExtensionKey, extensionKey } from '@hyper/core/http'
import type { Destination } from '@hyper/util/connect'

// What the extensions of a request say that is to become something else: an upgrade, or a tunnel.

/** An upgrade that may also be had over HTTP/2, in the request's extensions: the protocol that is asked for. */
export const EXTENDED: ExtensionKey<string> = extensionKey('extended')

/** Whom a CONNECT is sent to, in the request's extensions. Default: the host that it names. */
export const VIA: ExtensionKey<Destination> = extensionKey('via')
