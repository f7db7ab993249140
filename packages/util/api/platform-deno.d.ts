import { ConnectTls, ListenAddress, ListenOptions, ListenTls, Listener, createNodeRuntime, duplexFrom, listen, nodeConnector, nodeRuntime } from "./util-node-types.js";
export { type ConnectTls, type ListenAddress, type ListenOptions, type ListenTls, type Listener, nodeConnector as connector, createNodeRuntime as createRuntime, duplexFrom, listen, nodeRuntime as runtime };
