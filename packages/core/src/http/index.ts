export { Extensions, extensionKey } from './extensions.ts'
export type { ExtensionKey } from './extensions.ts'
export { HeaderMap } from './header-map.ts'
export type { AppendOptions, HeadersInit } from './header-map.ts'
export { headerName, isToken } from './header-name.ts'
export { WELL_KNOWN } from './header-names-table.ts'
export { describeValue, headerValue } from './header-value.ts'
export { isIdempotent, isMethod, isSafe, METHODS } from './method.ts'
export { reasonPhrase } from './reason-table.ts'
export { HttpRequest } from './request.ts'
export type { HttpRequestChanges, HttpRequestInit } from './request.ts'
export { HttpResponse } from './response.ts'
export type { HttpResponseChanges, HttpResponseInit } from './response.ts'
export {
  isClientError,
  isInformational,
  isRedirection,
  isServerError,
  isStatus,
  isSuccess,
  parseStatus,
} from './status.ts'
export { isHostValid, parseTarget } from './target.ts'
export type { Target } from './target.ts'
export { parseUri, Uri } from './uri.ts'
export type { Authority, UriForm, UriParts } from './uri.ts'
export { compareVersions } from './version.ts'
export type { HttpVersion } from './version.ts'
