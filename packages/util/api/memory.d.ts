import { DuplexOptions, MemoryListener, duplex } from "./util-types.js";
export { type DuplexOptions, MemoryListener, duplex };
