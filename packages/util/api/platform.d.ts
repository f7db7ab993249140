import { ConnectTls, ListenOptions, ListenTls, Listener, ReloadTls, TcpOptions, createNodeRuntime, duplexFrom, listen, nodeConnector, nodeRuntime, onSignals } from "./util-node-types.js";
import { ListenAddress, ListenerCloseOptions, stayAlive } from "./util-types.js";
/** The environment of the process. */
declare const environment: Readonly<Record<string, string | undefined>>;
export { type ConnectTls, type ListenAddress, type ListenOptions, type ListenTls, type Listener, type ListenerCloseOptions, type ReloadTls, type TcpOptions, nodeConnector as connector, createNodeRuntime as createRuntime, duplexFrom, environment, listen, onSignals, nodeRuntime as runtime, stayAlive };
