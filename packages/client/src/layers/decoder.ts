// Decoder: what a content coding is undone with. Types only: what a platform has comes in by them, one file per platform.

/** Who takes what is decoded. Calls come in order; nothing comes after `onEnd` or `onError`. */
export interface DecoderSink {
  /** Decoded bytes, at least one; they belong to the sink. */
  onData(chunk: Uint8Array): void
  /** The decoder has room again, after `write`. */
  onDrain(): void
  /** Everything was decoded, after `end`. */
  onEnd(): void
  /** The bytes are not what the coding says, or end too early, or go on behind its end. */
  onError(cause: unknown): void
}

/** Undoes one coding of one body. Everything may be called from within the sink. */
export interface Decoder {
  /** Takes bytes. The next ones only after `onDrain`, which may come before this returns. */
  write(chunk: Uint8Array): void
  /** There are no more. Called when the decoder has room. */
  end(): void
  /** Asks for nothing more to be delivered; a chunk may still come. */
  pause(): void
  resume(): void
  /** Gives up, and frees what is held; nothing is delivered any more. */
  close(): void
}

/** Makes a decoder. It is made when the first byte is there, and gets `first` to look at before it is written. */
export type CreateDecoder = (sink: DecoderSink, first: Uint8Array) => Decoder

/** Decoders by the name of their coding (RFC 9110 §8.4.1), in lower case. They are asked for in this order. */
export type Decoders = Readonly<Record<string, CreateDecoder>>
