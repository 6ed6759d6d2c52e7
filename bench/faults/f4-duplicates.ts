import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { v7 as uuidv7 } from 'uuid'
import { type Fault, resultOf, setScene } from './fault'
import { checkLedger } from './ledger'
import { type HttpAnswer, sendHttp } from './people'

const atOnce = 20

export const duplicates: Fault = {
  name: 'F4',
  breaks: '20 requests at once carry the same event; then the same id comes with another body',
  holds: 'one row and one answer; the other body is a 409 and changes nothing',
  times: 50,
  async run(options) {
    const { times, workplace } = options
    const scene = await setScene('f4', options, { exposures: times })
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
    const problems: string[] = []
    const send = (path: string, method: string, body: unknown): Promise<HttpAnswer> =>
      sendHttp(agent, scene.app.url, scene.project, { method, path, body })
    try {
      for (let i = 0; i < times; i++) {
        const exposure = scene.nextExposure()
        const event = {
          id: uuidv7(),
          exposureId: exposure.id,
          sessionId: randomUUID(),
          type: 'written',
          clientSeq: 0,
          after: { text: `Once ${i}` },
        }
        const entry = scene.ledger.send(event)
        const { id, ...body } = event
        // Half come alone, half in batches: both doors share one key.
        const answers = await Promise.all(
          Array.from({ length: atOnce }, async (_, n) => {
            if (n % 2 === 0) return send(`/feedback/${id}`, 'PUT', body)
            const { status, body: told } = await send('/feedback', 'POST', { events: [event] })
            return { status, body: told?.events?.[0] }
          }),
        )
        for (const { status, body: told } of answers) {
          if (status === 200 && told?.status !== 'refused') scene.ledger.acknowledge(entry, told)
          else problems.push(`${id} was answered ${status} ${JSON.stringify(told)}`)
        }
        const other = { ...body, after: { text: `Twice ${i}` } }
        const refused = await send(`/feedback/${id}`, 'PUT', other)
        if (refused.status !== 409 || refused.body?.code !== 'event_id_reused')
          problems.push(`another body was answered ${refused.status}`)
        const listed = await send('/feedback', 'POST', { events: [{ ...other, id }] })
        if (listed.body?.events?.[0]?.code !== 'event_id_reused')
          problems.push('another body in a batch was not refused')
        // The same id on another exposure takes another lock, so only the key itself can stop it.
        const elsewhere = await Promise.all(
          scene.exposures
            .slice(0, 4)
            .map(far => send(`/feedback/${id}`, 'PUT', { ...body, exposureId: far.id })),
        )
        if (
          elsewhere.some(
            (answer, n) => answer.status !== (scene.exposures[n]?.id === exposure.id ? 200 : 409),
          )
        )
          problems.push(`the id on another exposure was answered ${elsewhere.map(answer => answer.status)}`)
      }
      const fresh = uuidv7()
      const race = await Promise.all(
        scene.exposures.slice(0, Math.min(times, atOnce)).map(far => {
          const event = {
            id: fresh,
            exposureId: far.id,
            sessionId: randomUUID(),
            type: 'flagged',
            clientSeq: 1,
          }
          const { id, ...body } = event
          return send(`/feedback/${id}`, 'PUT', body).then(answer => ({ answer, event }))
        }),
      )
      const won = race.filter(one => one.answer.status === 200)
      if (won.length !== 1 || race.some(one => ![200, 409].includes(one.answer.status)))
        problems.push(
          `one id on ${race.length} exposures at once was answered ${race.map(one => one.answer.status)}`,
        )
      for (const { answer, event } of won) scene.ledger.acknowledge(scene.ledger.send(event), answer.body)
      const verdict = await checkLedger(scene.ledger, workplace.pool, scene.project.id)
      return resultOf('F4', scene.ledger, verdict, { rounds: times, atOnce }, problems)
    } finally {
      agent.destroy()
      await scene.app.stop()
    }
  },
}
