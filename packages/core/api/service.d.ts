import { Answer, Around, Exchange, IoParts, Layer, Service, layer, mapRequest, mapResponse, serviceFn, stack } from "./core-types.js";
export { type Answer, type Around, type Exchange, type IoParts, type Layer, type Service, layer, mapRequest, mapResponse, serviceFn, stack };
