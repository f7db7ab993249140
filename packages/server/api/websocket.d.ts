import { FetchContext } from "./server-types.js";
import { HttpRequest, HttpResponse } from "@hyper/core/http";
import { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { Exchange } from "@hyper/core/service";
/** Takes what the `upgrade` event of `node:http` gives; it answers by writing to the socket. */
type NodeUpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
/** What is needed of a library's server for WebSockets; `WebSocketServer` of `ws` has it. */
interface WebSocketUpgrader<S> {
  handleUpgrade(request: never, socket: Duplex, head: Buffer, done: (socket: S) => void): void;
}
/** For native services: as `upgradeWebSocket` is for fetch handlers. */
declare function answerWebSocket<S>(request: HttpRequest, exchange: Exchange, server: WebSocketUpgrader<S>, onOpen: (socket: S) => void): Promise<HttpResponse>;
/** For native services: as `upgradeWith` is for fetch handlers. */
declare function answerUpgradeWith(request: HttpRequest, exchange: Exchange, handler: NodeUpgradeHandler): Promise<HttpResponse>;
/**
 * Whether a request asks for a WebSocket: by `upgrade` on HTTP/1 (RFC 6455), by an extended CONNECT on HTTP/2 (RFC 8441),
 * which clients send where `http2: { enableConnectProtocol: true }` offers it.
 */
declare function isWebSocket(context: FetchContext): boolean;
/**
 * Answers a request for a WebSocket by a library, which decides about subprotocol, extensions and refusal.
 * @param server `new WebSocketServer({ noServer: true })` of `ws`, or what has its `handleUpgrade`
 * @param onOpen takes the WebSocket; it is open for the library, and its first messages wait for the answer to be written.
 *   What it throws is a 500 in place of the answer, and goes to `onError`
 * @returns what the handler answers with: 101, 200 over HTTP/2, or the library's refusal
 */
declare function upgradeWebSocket<S>(context: FetchContext, server: WebSocketUpgrader<S>, onOpen: (socket: S) => void): Promise<Response>;
/**
 * The same for whatever takes what the `upgrade` event of `node:http` gives: engine.io, a proxy, another WebSocket library.
 */
declare function upgradeWith(context: FetchContext, handler: NodeUpgradeHandler): Promise<Response>;
export { type NodeUpgradeHandler, type WebSocketUpgrader, answerUpgradeWith, answerWebSocket, isWebSocket, upgradeWebSocket, upgradeWith };
