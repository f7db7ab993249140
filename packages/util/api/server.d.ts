import { AutoConnection, AutoOptions, AutoProtocol, serveAuto } from "./util-types.js";
export { type AutoConnection, type AutoOptions, type AutoProtocol, serveAuto };
