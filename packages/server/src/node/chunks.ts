// Chunks, as Node has them: what an application writes as text, and what it reads as a Buffer.

export function bytesOf(text: string, encoding: BufferEncoding | null | undefined): Buffer {
  return Buffer.from(text, encoding ?? 'utf8')
}

export function isUtf8(encoding: BufferEncoding | null | undefined): boolean {
  return encoding == null || encoding === 'utf8' || encoding === 'utf-8'
}

export function bufferOf(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
