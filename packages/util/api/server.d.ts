import { AutoConnection, AutoOptions, AutoProtocol, ProxiedPeer, serveAuto } from "./util-types.js";
import { Proxied, ProxyHeader, ProxyHeaderReader, ProxyPlan, ProxyProtocolOptions, ProxyTlv, acceptProxied, proxyPlan, readProxyHeader } from "./util-node-types.js";
export { type AutoConnection, type AutoOptions, type AutoProtocol, type Proxied, type ProxiedPeer, type ProxyHeader, ProxyHeaderReader, type ProxyPlan, type ProxyProtocolOptions, type ProxyTlv, acceptProxied, proxyPlan, readProxyHeader, serveAuto };
