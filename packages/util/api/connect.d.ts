import { CONNECT_TIMINGS, ConnectContext, ConnectLayer, ConnectTimings, Connector, Destination, PROXY, destinationOf } from "./util-types.js";
export { CONNECT_TIMINGS, type ConnectContext, type ConnectLayer, type ConnectTimings, type Connector, type Destination, PROXY, destinationOf };
