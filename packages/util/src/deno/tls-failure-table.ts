// What goes wrong with TLS, by the words of rustls, in words that say what to do.

/** What rustls says, and what it means to whoever wanted a connection. */
export const TLS_FAILURES: readonly (readonly [RegExp, string])[] = [
  [/UnknownIssuer/, 'the authority behind the certificate is not known'],
  [/CaUsedAsEndEntity/, 'the certificate is one of an authority, and Deno takes none of a server that is'],
  [/not valid for|NotValidForName/, 'the certificate is for another name'],
  [/expired|Expired/, 'the certificate has expired'],
  [/not valid yet|NotValidYet/, 'the certificate is not valid yet; or the clock here is wrong'],
  [/revoked|Revoked/, 'the certificate was revoked'],
  [/InvalidPurpose|required EKU/, 'the certificate is not for servers'],
  [/InvalidContentType|corrupt message/, 'what answered does not speak TLS; is it an http: server?'],
  [/NoApplicationProtocol/, 'the server speaks none of the protocols that ALPN offers'],
  [/ProtocolVersion|PeerIncompatible/, 'there is no version of TLS that both sides accept'],
  [/HandshakeFailure/, 'the server accepts none of our ciphers, or wants a certificate of ours'],
  [/UnrecognisedName|UnrecognizedName/, 'the server does not know the name that it was asked for'],
  [/CertificateRequired|alert: BadCertificate/, 'the server wants a certificate of ours, or another one'],
  [/alert: UnknownCA/, 'the server does not trust the authority behind our certificate'],
  [/eof|EOF|reset|broken pipe|Broken pipe/, 'the server hung up during the handshake'],
]
