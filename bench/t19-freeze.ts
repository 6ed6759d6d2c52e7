import { createHash } from 'node:crypto'
import { exportVersion } from '@/server/export-version'
import { acceptedGround, freezeGround, type Ground } from './frozen-ground'
import { median, round, type Target } from './target'
import { openWorkplace, runLong } from './workplace'

const goalSeconds = 30
const goalRows = 100_000
const smallPart = 10
const defaultRounds = 3

/**
 * Freezes every row of a project into a version, from the statement that makes the job to the version that is frozen,
 * in this process; the goal is per 100,000 rows, so that another size is held to the same pace. A tenth of the rows says
 * whether time grows with them.
 */
export const freezing: Target = async ({ rows, rounds, say }) => {
  const workplace = await openWorkplace('t19')
  try {
    const count = Math.min(rows, goalRows)
    const [large, small] = [
      await acceptedGround('t19-large', count),
      await acceptedGround('t19-small', count / smallPart),
    ]
    await runLong('VACUUM ANALYZE')
    say(`made ${count} and ${count / smallPart} decisions`)
    const seconds: Record<'large' | 'small', number[]> = { large: [], small: [] }
    for (let i = 1; i <= (rounds ?? defaultRounds); i++) {
      seconds.small.push(await freeze(small, count / smallPart))
      seconds.large.push(await freeze(large, count))
      say(
        `round ${i}: ${round(seconds.large.at(-1) ?? 0, 1)} s, a tenth ${round(seconds.small.at(-1) ?? 0, 1)} s`,
      )
    }
    const paces = seconds.large.map(one => (one / count) * (goalRows / goalSeconds))
    const pace = round(median(paces))
    return [
      {
        target: 'T19',
        what: `freezing ${count} rows, in units of ${goalSeconds} s per ${goalRows.toLocaleString('en')}`,
        goal: '<= 1',
        ratio: pace,
        range: [round(Math.min(...paces)), round(Math.max(...paces))],
        ok: pace <= 1,
        figures: {
          seconds: round(median(seconds.large), 1),
          aTenthSeconds: round(median(seconds.small), 1),
          rowsPerSecond: Math.round(count / median(seconds.large)),
          memoryMb: Math.round(process.memoryUsage().rss / 1e6),
          rows: count,
        },
      },
    ]
  } finally {
    await workplace.close()
  }
}

/** Freezes the next version and returns how many seconds it took; its file is then read whole against its hash. */
async function freeze(ground: Ground, expected: number): Promise<number> {
  const began = performance.now()
  const version = await freezeGround(ground, expected)
  const seconds = (performance.now() - began) / 1000
  const { stream } = await exportVersion(ground.scope, ground.dataset, String(version.number), {
    format: 'jsonl',
    formulas: 'apostrophe',
  })
  const hash = createHash('sha256')
  for await (const part of stream) hash.update(part)
  if (hash.digest('hex') !== version.contentSha256) throw new Error('the file is not what was hashed')
  return seconds
}
