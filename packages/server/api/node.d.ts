import { ServeOptions } from "./server-types.js";
import { IncomingMessage, Server, ServerResponse } from "node:http";
import { ServerOptions } from "node:https";
/** What `createServer` takes: the options of `http.createServer` and `https.createServer`, and some of `serve`. */
interface NodeServerOptions extends ServerOptions, Pick<ServeOptions, "http1" | "http2" | "limits" | "onError" | "runtime" | "timeouts" | "tracer"> {}
/**
 * What answers requests, as for `http.createServer`: a function, an application of Express, `app.callback()` of Koa. What
 * it throws, or rejects with, is a 500.
 */
type NodeListener = (request: IncomingMessage, response: ServerResponse & {
  req: IncomingMessage;
}) => unknown;
/**
 * As `http.createServer`, and with a certificate among the options as `https.createServer`, on this engine: HTTP/1.1 and
 * HTTP/2 on one port, its limits and timeouts on.
 * @throws HyperError `INVALID_OPTION`; the errors of Node's own constructors
 */
declare function createServer(listener?: NodeListener): Server;
declare function createServer(options: NodeServerOptions, listener?: NodeListener): Server;
export { type NodeListener, type NodeServerOptions, createServer };
