import { NodeConnectionOptions, WebSocketConnectionOptions, webSocketConnection } from "./client-types.js";
export { type NodeConnectionOptions, type WebSocketConnectionOptions, webSocketConnection };
