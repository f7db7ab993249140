import { ConnectTls, ListenOptions, ListenTls, Listener, ReloadTls, TcpOptions, duplexFrom, onSignals } from "./util-node-types.js";
import { bunConnector, bunRuntime, createBunRuntime, listen } from "./util-bun-types.js";
import { ListenAddress, ListenerCloseOptions, stayAlive } from "./util-types.js";
/** The environment of the process. */
declare const environment: Readonly<Record<string, string | undefined>>;
export { type ConnectTls, type ListenAddress, type ListenOptions, type ListenTls, type Listener, type ListenerCloseOptions, type ReloadTls, type TcpOptions, bunConnector as connector, createBunRuntime as createRuntime, duplexFrom, environment, listen, onSignals, bunRuntime as runtime, stayAlive };
