/** Runs at most so many things at once, in the order in which they were added. */
export function createQueue(atOnce: number) {
  const waiting: (() => Promise<void>)[] = []
  let running = 0
  function next(): void {
    const work = running < atOnce ? waiting.shift() : undefined
    if (!work) return
    running += 1
    void work().finally(() => {
      running -= 1
      next()
    })
  }
  return {
    add(work: () => Promise<void>): void {
      waiting.push(work)
      next()
    },
  }
}
