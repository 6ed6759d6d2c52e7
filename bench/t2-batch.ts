import { type BareEvent, type BareGround, decisionRows, eventRows, statements } from './bare-append'
import { buildEntry, startServerProcess, waitUntilReady } from './child-process'
import { connections, pairOf, runLoad } from './closed-loop'
import { dispenser, prepareExposures, prepareGround } from './exposures'
import { findPgbench, noPgbench, runPgbench } from './pgbench'
import { median, ratios, type Target } from './target'
import { makeProject, openWorkplace, runLong } from './workplace'

const perRequest = 100
const requests = 192
const scriptsPerClient = 6
const warmUp = 64

export const batches: Target = async ({ rounds, say }) => {
  const times = rounds ?? 4
  const pgbench = findPgbench()
  const workplace = await openWorkplace('t2')
  const [appEntry, bareEntry] = await Promise.all([
    buildEntry('bench/api-process.ts'),
    buildEntry('bench/bare-process.ts'),
  ])
  const closing: (() => Promise<void>)[] = []
  try {
    const project = await makeProject('t2')
    const { actorId } = await prepareGround(project)
    const forOthers = pgbench ? connections * scriptsPerClient : requests
    say('preparing exposures …')
    const exposures = await prepareExposures(
      project,
      (perRequest / 2) * (times * (requests + forOthers) + warmUp * 2),
    )
    const nextExposure = dispenser(exposures)
    const ground: BareGround = { projectId: project.id, actorId, itemId: exposures[0]?.itemId ?? '' }
    const app = await startServerProcess(appEntry.file, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '10000000',
    })
    closing.push(() => app.stop())
    await waitUntilReady(app.url, 20_000)
    const load = (url: string, amount = requests) =>
      runLoad({ url, project, amount, nextExposure, perRequest })
    let other: (round: number) => Promise<number>
    if (pgbench) {
      await runLong('CREATE TABLE public.bench_plan (n int PRIMARY KEY, events text, decisions text)')
      for (let n = 0; n < times * forOthers; n++) {
        const events = Array.from({ length: perRequest / 2 }, () =>
          pairOf(nextExposure()),
        ).flat() as BareEvent[]
        await workplace.pool.query('INSERT INTO public.bench_plan VALUES ($1, $2, $3)', [
          n,
          eventRows(events, ground),
          decisionRows(events),
        ])
      }
      other = async round => {
        const variables = { base: round * forOthers, per: scriptsPerClient, k: 0 }
        return runPgbench(pgbench, {
          url: workplace.url,
          folder: workplace.home,
          script: transaction(project.id),
          perClient: scriptsPerClient,
          variables,
        })
      }
    } else {
      say(`${noPgbench} Its place is taken by node:http + pg.`)
      const bare = await startServerProcess(bareEntry.file, {
        DATABASE_URL: workplace.url,
        BENCH_GROUND: JSON.stringify(ground),
      })
      closing.push(() => bare.stop())
      await load(bare.url, warmUp)
      other = async () => (await load(bare.url)).perSecond
    }
    await runLong('VACUUM ANALYZE')
    await load(app.url, warmUp)

    const ours: number[] = []
    const theirs: number[] = []
    const p99: number[] = []
    for (let i = 0; i < times; i++) {
      const a = await load(app.url)
      ours.push(a.perSecond * perRequest)
      p99.push(a.p99Ms)
      theirs.push((await other(i)) * perRequest)
      say(
        `round ${i + 1}: Amend ${Math.round(ours[i] ?? 0)} rows/s, ${pgbench ? 'pgbench' : 'bare'} ${Math.round(theirs[i] ?? 0)} rows/s`,
      )
    }
    const result = ratios(ours, theirs)
    return [
      {
        target: 'T2',
        what: `batches of ${perRequest} events, against ${pgbench ? "pgbench's inserts of the same rows" : 'node:http + pg'}`,
        goal: '>= 0.5',
        ...result,
        ok: result.ratio >= 0.5,
        figures: {
          amendRowsPerSecond: Math.round(median(ours)),
          otherRowsPerSecond: Math.round(median(theirs)),
          amendP99Ms: median(p99),
          against: pgbench ? 'pgbench' : 'bare',
        },
      },
    ]
  } finally {
    for (const close of closing.reverse()) await close()
    await workplace.close()
    appEntry.remove()
    bareEntry.remove()
  }
}

/** The inserts and the projection's update alone: no lock, no look at what is stored. */
function transaction(projectId: string): string {
  const values = [`'${projectId}'::uuid`, ':now', ':events', ':decisions', "'[]'"]
  const write = statements.write
    .replace(/\$(\d)/g, (_, n) => values[Number(n) - 1] ?? '')
    .replace(/\s+/g, ' ')
  return [
    '\\set n :base + :client_id * :per + :k',
    '\\set k :k + 1',
    'SELECT events, decisions, (extract(epoch FROM amend.now()) * 1000000)::bigint AS now FROM public.bench_plan WHERE n = :n \\gset',
    'BEGIN;',
    `${write};`,
    'COMMIT;',
    '',
  ].join('\n')
}
