import { ConnectTls, ListenOptions, ListenTls, Listener, ReloadTls, TcpOptions, createDenoRuntime, denoConnector, denoRuntime, environment, listen, onSignals } from "./util-deno-types.js";
import { duplexFrom } from "./util-node-types.js";
import { ListenAddress, ListenerCloseOptions, stayAlive } from "./util-types.js";
export { type ConnectTls, type ListenAddress, type ListenOptions, type ListenTls, type Listener, type ListenerCloseOptions, type ReloadTls, type TcpOptions, denoConnector as connector, createDenoRuntime as createRuntime, duplexFrom, environment, listen, onSignals, denoRuntime as runtime, stayAlive };
