// What goes wrong with TLS, by the codes of OpenSSL and of Node, in words. The docs' table is checked against this one.
// OpenSSL names one alert differently from one release to the next; the prefixes that differ are left out of the codes.

/** A code, and what it means to whoever wanted a connection. */
export const TLS_FAILURES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed, and not among the trusted ones',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate goes back to an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority behind the certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority behind the certificate is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the authority behind the certificate is not known, or the server leaves the certificates in between out',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet; or the clock here is wrong',
  CERT_REVOKED: 'the certificate was revoked',
  CERT_UNTRUSTED: 'the certificate is not trusted for this purpose',
  INVALID_PURPOSE: 'the certificate is not for servers',
  HOSTNAME_MISMATCH: 'the certificate is for another name',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  WRONG_VERSION_NUMBER: 'what answered does not speak TLS; is it an http: server?',
  PACKET_LENGTH_TOO_LONG: 'what answered does not speak TLS; is it an http: server?',
  HTTP_REQUEST: 'what answered does not speak TLS; is it an http: server?',
  UNSUPPORTED_PROTOCOL: 'there is no version of TLS that both sides accept',
  ALERT_PROTOCOL_VERSION: 'there is no version of TLS that both sides accept',
  NO_PROTOCOLS_AVAILABLE: 'minVersion and maxVersion leave no version of TLS',
  ALERT_HANDSHAKE_FAILURE: 'the server accepts none of our ciphers, or wants a certificate of ours',
  NO_CIPHERS_AVAILABLE: 'ciphers, minVersion and maxVersion leave no cipher',
  NO_SHARED_CIPHER: 'there is no cipher that both sides accept',
  ALERT_NO_APPLICATION_PROTOCOL: 'the server speaks none of the protocols that ALPN offers',
  ALERT_UNRECOGNIZED_NAME: 'the server does not know the name that it was asked for',
  ALERT_BAD_CERTIFICATE: 'the server wants a certificate of ours, or another one',
  ALERT_CERTIFICATE_REQUIRED: 'the server wants a certificate of ours',
  ALERT_UNKNOWN_CA: 'the server does not trust the authority behind our certificate',
  ALERT_CERTIFICATE_EXPIRED: 'our certificate has expired',
  DH_KEY_TOO_SMALL: 'the server has a key that is too weak',
  EE_KEY_TOO_SMALL: 'the certificate has a key that is too weak',
  ERR_TLS_DH_PARAM_SIZE: 'the server has a key that is too weak',
  ECONNRESET: 'the server hung up during the handshake',
  EPIPE: 'the server hung up during the handshake',
}
