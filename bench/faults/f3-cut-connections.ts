import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CutProxy, commitPieces, type Fate, startCutProxy } from './cut-proxy'
import { type Fault, resultOf, setScene } from './fault'
import { checkLedger } from './ledger'
import { sendAllAgain, startPeople } from './people'

export const cutConnections: Fault = {
  name: 'F3',
  breaks:
    'connections are cut: app to Postgres before and after COMMIT, client to app before, in and after a request',
  holds: 'as F1',
  times: 400,
  async run(options) {
    const { times, people, workplace } = options
    let cutting = true
    const one = (fates: readonly Fate[], oneIn: number) => (): Fate =>
      cutting && randomInt(oneIn) === 0 ? (fates[randomInt(fates.length)] ?? 'pass') : 'pass'
    const postgresPort = Number(new URL(workplace.url).port)
    const toPostgres = await startCutProxy({
      target: () => postgresPort,
      pieces: () => commitPieces(one(['cut', 'forward-then-cut'], 40)),
    })
    const url = new URL(workplace.url)
    url.port = String(toPostgres.port)
    let toApp: CutProxy | null = null
    const scene = await setScene('f3', options, {
      exposures: 3_000 + times * 60,
      env: { DATABASE_URL: url.href },
    })
    try {
      const judge = one(['cut', 'forward-then-cut'], 40)
      const proxied = await startCutProxy({
        target: () => scene.app.port,
        // A request fits one piece here; now and then only its first half gets through before the cut.
        pieces: () => chunk => {
          const half = Math.ceil(chunk.length / 2)
          if (!cutting || randomInt(120) > 0) return [{ bytes: chunk, fate: judge() }]
          return [
            { bytes: chunk.subarray(0, half), fate: 'pass' },
            { bytes: chunk.subarray(half), fate: 'cut' },
          ]
        },
      })
      toApp = proxied
      const crowd = startPeople(people, { url: () => `http://127.0.0.1:${proxied.port}`, ...scene })
      const deadline = performance.now() + 120_000
      while (toPostgres.cuts + proxied.cuts < times && performance.now() < deadline) await sleep(20)
      await crowd.stop()
      cutting = false
      await sleep(500)
      const before = await checkLedger(scene.ledger, workplace.pool, scene.project.id)
      await sendAllAgain({ url: () => scene.app.url, ...scene }, 3_000)
      const after = await checkLedger(scene.ledger, workplace.pool, scene.project.id)
      const missing =
        after.lostUnanswered > 0
          ? [`${after.lostUnanswered} events are still not stored after they were sent again`]
          : []
      const few =
        toPostgres.cuts + proxied.cuts < times
          ? [`only ${toPostgres.cuts + proxied.cuts} connections could be cut in time`]
          : []
      const figures = { cutsAtCommit: toPostgres.cuts, cutsAtClient: proxied.cuts }
      return resultOf('F3', scene.ledger, before, figures, [...after.problems, ...missing, ...few])
    } finally {
      await toApp?.close()
      await scene.app.stop()
      await toPostgres.close()
    }
  },
}
