import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntilReady } from '../child-process'
import { type Fault, resultOf, setScene, spread } from './fault'
import { checkLedger } from './ledger'
import { sendAllAgain, startPeople } from './people'

export const killApp: Fault = {
  name: 'F1',
  breaks: 'the app is killed with -9 at random moments under load and started again',
  holds: 'every 2xx is stored exactly once, all else once or never; a retry gets the stored answer',
  times: 50,
  async run(options) {
    const { times, people, say, workplace } = options
    const scene = await setScene('f1', options, { exposures: 2_000 + times * 1_500 })
    const backAfterMs: number[] = []
    try {
      const crowd = startPeople(people, { url: () => scene.app.url, ...scene })
      for (let i = 0; i < times; i++) {
        await sleep(100 + randomInt(900))
        await scene.app.kill()
        const began = performance.now()
        await scene.app.start()
        if ((await waitUntilReady(scene.app.url, 20_000)) === null)
          throw new Error('the app did not come back')
        backAfterMs.push(performance.now() - began)
        if ((i + 1) % 10 === 0) say(`${i + 1} kills, ${scene.ledger.answers} answers`)
      }
      await sleep(200)
      await crowd.stop()
      const before = await checkLedger(scene.ledger, workplace.pool, scene.project.id)
      await sendAllAgain({ url: () => scene.app.url, ...scene }, 3_000)
      const after = await checkLedger(scene.ledger, workplace.pool, scene.project.id)
      const missing =
        after.lostUnanswered > 0
          ? [`${after.lostUnanswered} events are still not stored after they were sent again`]
          : []
      return resultOf(
        'F1',
        scene.ledger,
        before,
        { kills: times, backAfterMs: Math.round(spread(backAfterMs).median) },
        [...after.problems, ...missing],
      )
    } finally {
      await scene.app.stop()
    }
  },
}
