import { ERROR_CODES, ErrorBy, ErrorCode, ErrorPhase, HyperError, HyperErrorInit, userError } from "./core-types.js";
export { ERROR_CODES, type ErrorBy, type ErrorCode, type ErrorPhase, HyperError, type HyperErrorInit, userError };
