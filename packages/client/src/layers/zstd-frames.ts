// Where zstd frames end (RFC 8878 §3.1). In: coded bytes in any cuts. Out: whether they end with a frame. It decodes nothing:
// the zlib of Node before 24 takes data that is cut off inside a frame for whole, and hands on what it has.

const MAGIC = 0
const SKIPPABLE_SIZE = 1
const DESCRIPTOR = 2
const BLOCK = 3

const FRAME_MAGIC = 0xfd2fb528
/** Sixteen of them, from here on. */
const SKIPPABLE_MAGIC = 0x184d2a50

/** Bytes of each field that is read, by its state. */
const SIZES: readonly number[] = [4, 4, 1, 3]
const DICTIONARY_ID_SIZES: readonly number[] = [0, 1, 2, 4]
const CONTENT_SIZES: readonly number[] = [0, 2, 4, 8]
/** The block is one byte, to be repeated. */
const RLE_BLOCK = 1

export class ZstdFrames {
  private state: number = MAGIC
  private value: number = 0
  private have: number = 0
  /** Bytes to pass over before the next field. */
  private skip: number = 0
  private hasChecksum: boolean = false

  /** True between frames, and before the first one. */
  get isWhole(): boolean {
    return this.state === MAGIC && this.have === 0 && this.skip === 0
  }

  /** Takes the next bytes. What is no frame at all is the decoder's to find. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, chunk.length - at)
        this.skip -= passed
        at += passed
      } else {
        this.value += (chunk[at++] ?? 0) * 2 ** (8 * this.have++)
        if (this.have === SIZES[this.state]) this.take(this.value)
      }
    }
  }

  private take(value: number): void {
    this.value = 0
    this.have = 0
    if (this.state === MAGIC) {
      if (value === FRAME_MAGIC) this.state = DESCRIPTOR
      else if (value >= SKIPPABLE_MAGIC && value < SKIPPABLE_MAGIC + 16) this.state = SKIPPABLE_SIZE
    } else if (this.state === SKIPPABLE_SIZE) {
      this.skip = value
      this.state = MAGIC
    } else if (this.state === DESCRIPTOR) this.takeDescriptor(value)
    else this.takeBlock(value)
  }

  // RFC 8878 §3.1.1.1: one byte says how long the rest of the frame header is.
  private takeDescriptor(value: number): void {
    const isSingle = (value & 0x20) !== 0
    const contentFlag = value >> 6
    const contentSize = contentFlag === 0 && isSingle ? 1 : (CONTENT_SIZES[contentFlag] ?? 0)
    this.hasChecksum = (value & 0x04) !== 0
    this.skip = (isSingle ? 0 : 1) + (DICTIONARY_ID_SIZES[value & 0x03] ?? 0) + contentSize
    this.state = BLOCK
  }

  // RFC 8878 §3.1.1.2
  private takeBlock(value: number): void {
    this.skip = ((value >> 1) & 0x03) === RLE_BLOCK ? 1 : value >> 3
    if ((value & 0x01) === 0) return
    if (this.hasChecksum) this.skip += 4
    this.state = MAGIC
  }
}
