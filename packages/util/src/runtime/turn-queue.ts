// TurnQueue: all work that is put off to the end of a turn, behind one platform task. In: tasks. Out: each of them
// called once, in order; what one throws is reported, and the others still run. What a task puts off waits for the
// next turn.

export class TurnQueue {
  private readonly schedule: (run: () => void) => void
  private readonly onError: (error: unknown) => void
  private readonly run: () => void
  private tasks: (() => void)[]
  private count: number
  /** The list of the turn before, emptied: two lists take turns, so that a turn allocates nothing. */
  private spare: (() => void)[]

  constructor(schedule: (run: () => void) => void, onError: (error: unknown) => void) {
    this.schedule = schedule
    this.onError = onError
    this.run = () => this.runTurn()
    this.tasks = []
    this.count = 0
    this.spare = []
  }

  defer(task: () => void): void {
    const at = this.count++
    this.tasks[at] = task
    if (at === 0) this.schedule(this.run)
  }

  private runTurn(): void {
    const tasks = this.tasks
    const count = this.count
    this.tasks = this.spare
    this.count = 0
    for (let at = 0; at < count; at++) {
      const task = tasks[at] ?? nothing
      // A task is let go as soon as it runs: it may hold a whole exchange.
      tasks[at] = nothing
      try {
        task()
      } catch (error) {
        this.onError(error)
      }
    }
    // One burst must not hold its memory for ever.
    this.spare = tasks.length > 1024 ? [] : tasks
  }
}

function nothing(): void {}
