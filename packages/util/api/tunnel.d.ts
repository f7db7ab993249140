import { JoinOptions, LateIo, LateIoHost, TunnelEnd, joinIo } from "./util-types.js";
export { type JoinOptions, LateIo, type LateIoHost, type TunnelEnd, joinIo };
