import {
  type BareEvent,
  type BareGround,
  decisionRows,
  eventRows,
  lockKeyOf,
  statements,
} from './bare-append'
import { buildEntry, startServerProcess, waitUntilReady } from './child-process'
import { connections, pairOf, runLoad } from './closed-loop'
import { dispenser, type PreparedExposure, prepareExposures, prepareGround } from './exposures'
import { findPgbench, noPgbench, runPgbench } from './pgbench'
import { median, ratios, round, type Target, type TargetResult } from './target'
import { makeProject, openWorkplace, runLong } from './workplace'

const requests = 6_000
const scriptsPerClient = 90
const warmUp = 4_000

export const oneEvent: Target = async ({ rounds, say }) => {
  const times = rounds ?? 5
  const workplace = await openWorkplace('t1')
  const [appEntry, bareEntry] = await Promise.all([
    buildEntry('bench/api-process.ts'),
    buildEntry('bench/bare-process.ts'),
  ])
  const closing: (() => Promise<void>)[] = []
  try {
    const project = await makeProject('t1')
    const { actorId } = await prepareGround(project)
    const forPgbench = times * connections * scriptsPerClient
    say('preparing exposures …')
    const exposures = await prepareExposures(project, times * requests + 2 * warmUp + forPgbench)
    const nextExposure = dispenser(exposures)
    const ground: BareGround = { projectId: project.id, actorId, itemId: exposures[0]?.itemId ?? '' }
    const app = await startServerProcess(appEntry.file, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '10000000',
    })
    closing.push(() => app.stop())
    const bare = await startServerProcess(bareEntry.file, {
      DATABASE_URL: workplace.url,
      BENCH_GROUND: JSON.stringify(ground),
    })
    closing.push(() => bare.stop())
    await waitUntilReady(app.url, 20_000)
    const pgbench = findPgbench()
    if (!pgbench) say(noPgbench)
    else await writePlan(ground, Array.from({ length: forPgbench }, nextExposure))
    await runLong('VACUUM ANALYZE')
    const load = (url: string, amount = requests) =>
      runLoad({ url, project, amount, nextExposure, perRequest: 1 })
    await load(app.url, warmUp)
    await load(bare.url, warmUp)

    const ours: number[] = []
    const theirs: number[] = []
    const plain: number[] = []
    const p99: number[] = []
    for (let i = 0; i < times; i++) {
      const a = await load(app.url)
      ours.push(a.perSecond)
      p99.push(a.p99Ms)
      theirs.push((await load(bare.url)).perSecond)
      if (pgbench) {
        const variables = { base: i * connections * scriptsPerClient, per: scriptsPerClient, k: 0 }
        const rate = await runPgbench(pgbench, {
          url: workplace.url,
          folder: workplace.home,
          script: transaction(project.id),
          perClient: scriptsPerClient,
          variables,
        })
        plain.push(rate * 2)
      }
      say(
        `round ${i + 1}: Amend ${Math.round(ours[i] ?? 0)}/s, bare ${Math.round(theirs[i] ?? 0)}/s${plain[i] ? `, pgbench ${Math.round(plain[i] ?? 0)}/s` : ''}`,
      )
    }
    const toBare = ratios(ours, theirs)
    const figures = {
      amendPerSecond: Math.round(median(ours)),
      barePerSecond: Math.round(median(theirs)),
      amendP99Ms: median(p99),
      rounds: times,
    }
    const results: TargetResult[] = [
      {
        target: 'T1a',
        what: 'one event a request, against node:http + pg with the same statements',
        goal: '>= 0.6',
        ...toBare,
        ok: toBare.ratio >= 0.6,
        figures,
      },
    ]
    if (pgbench) {
      const toPgbench = ratios(ours, plain)
      results.push({
        target: 'T1b',
        what: 'the same, against pgbench running that transaction',
        goal: '>= 0.2',
        ...toPgbench,
        ok: toPgbench.ratio >= 0.2,
        figures: {
          amendPerSecond: Math.round(median(ours)),
          pgbenchPerSecond: Math.round(median(plain)),
          bareToPgbench: round(median(theirs) / median(plain)),
        },
      })
    }
    return results
  } finally {
    for (const close of closing.reverse()) await close()
    await workplace.close()
    appEntry.remove()
    bareEntry.remove()
  }
}

/** One row for each script that pgbench will run: it can make no JSON itself. */
async function writePlan(ground: BareGround, exposures: readonly PreparedExposure[]): Promise<void> {
  await runLong(
    `CREATE TABLE public.bench_plan (n int PRIMARY KEY, exposure uuid, lock_key bigint, e1 uuid, events1 text, decisions1 text, e2 uuid, events2 text, decisions2 text)`,
  )
  for (let from = 0; from < exposures.length; from += 2_000) {
    const rows = exposures.slice(from, from + 2_000).map((exposure, i) => {
      const [first, second] = pairOf(exposure) as [BareEvent, BareEvent]
      return {
        n: from + i,
        exposure: exposure.id,
        lock_key: lockKeyOf(ground.projectId, exposure.id),
        e1: first.id,
        events1: eventRows([first], ground),
        decisions1: decisionRows([first]),
        e2: second.id,
        events2: eventRows([second], ground),
        decisions2: decisionRows([second]),
      }
    })
    await runLong(
      `INSERT INTO public.bench_plan SELECT * FROM json_to_recordset($1::json) AS r(n int, exposure uuid, lock_key bigint, e1 uuid, events1 text, decisions1 text, e2 uuid, events2 text, decisions2 text)`,
      [JSON.stringify(rows)],
    )
  }
}

/** Two transactions a script, as two requests are; the statement that fetches their parameters is pgbench's own burden. */
function transaction(projectId: string): string {
  const fill = (text: string, values: string[]) =>
    text.replace(/\$(\d)/g, (_, n) => values[Number(n) - 1] ?? '').replace(/\s+/g, ' ')
  const id = `'${projectId}'::uuid`
  const half = (n: 1 | 2) => [
    'BEGIN;',
    `${fill(statements.lock, ['ARRAY[:lock_key::bigint]'])};`,
    `${fill(statements.load, [id, 'ARRAY[:exposure::uuid]', `ARRAY[:e${n}::uuid]`])};`,
    `${fill(statements.write, [id, ':now', `:events${n}`, `:decisions${n}`, "'[]'"])};`,
    'COMMIT;',
  ]
  return [
    '\\set n :base + :client_id * :per + :k',
    '\\set k :k + 1',
    'SELECT exposure, lock_key, e1, events1, decisions1, e2, events2, decisions2, (extract(epoch FROM amend.now()) * 1000000)::bigint AS now FROM public.bench_plan WHERE n = :n \\gset',
    ...half(1),
    ...half(2),
    '',
  ].join('\n')
}
