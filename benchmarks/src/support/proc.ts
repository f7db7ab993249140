// What the kernel knows of a process: the one yardstick for every process here, JavaScript or not.
// In: a pid. Out: CPU microseconds (all threads, user and system) and resident bytes. Null where there is no /proc.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

let microsPerTick = 0

/** utime + stime of `/proc/<pid>/stat`, in microseconds; 10 ms steps on most kernels. */
export function cpuMicros(pid: number | 'self'): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name (field 2) may hold spaces; the fields after its last parenthesis may not.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tick()
  } catch {
    return null
  }
}

export interface Memory {
  /** Bytes in memory now. */
  readonly resident: number
  /** The most there ever was since the last {@link resetPeak}. */
  readonly peak: number
}

export function memoryOf(pid: number): Memory | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1')
    return { resident: kibibytes(text, 'VmRSS:') * 1024, peak: kibibytes(text, 'VmHWM:') * 1024 }
  } catch {
    return null
  }
}

/** Sets the peak to what is resident now. @returns whether the kernel allowed it. */
export function resetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    return true
  } catch {
    return false
  }
}

function kibibytes(status: string, field: string): number {
  const at = status.indexOf(field)
  return at < 0 ? 0 : Number.parseInt(status.slice(at + field.length), 10)
}

function tick(): number {
  if (microsPerTick === 0)
    microsPerTick = 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return microsPerTick
}
