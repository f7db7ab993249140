import { TrailerFields, Transformer, channel, chunks, collect, frames, fromFrames, fromIterable, fuse, jsonBody, jsonLines, limit, map, readJson, transform, withTrailers } from "./util-types.js";
export { type TrailerFields, type Transformer, channel, chunks, collect, frames, fromFrames, fromIterable, fuse, jsonBody, jsonLines, limit, map, readJson, transform, withTrailers };
