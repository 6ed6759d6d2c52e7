import { createHash, randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import fc from 'fast-check'
import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { pointAtDatabase } from '@/db/client'
import { replayDecisions } from '@/server/replay-decisions'
import type { PreparedExposure } from '../exposures'
import type { BenchProject } from '../workplace'
import { type Fault, setScene } from './fault'
import { describeExposure } from './ledger'
import { sendHttp } from './people'

const kinds = ['chosen', 'accepted', 'corrected', 'written', 'dismissed', 'rejected', 'flagged'] as const
type Kind = (typeof kinds)[number]
const settles: readonly Kind[] = ['accepted', 'corrected', 'written', 'dismissed']
const carriesWords: readonly Kind[] = ['corrected', 'written']

interface Act {
  id: string
  kind: Kind
  candidateId: string | null
  words: string | null
  undone: boolean
}

/** What a person would expect, said as plainly as possible and without a look at how the server folds. */
interface Model {
  acts: Act[]
  undos: { id: string; of: Act; inForce: boolean }[]
  erased: boolean
  everUndone: boolean
}

function expected(model: Model) {
  const live = model.acts.filter(act => !act.undone)
  const settled = live.findLast(act => settles.includes(act.kind))
  const rejections = live.filter(act => act.kind === 'rejected')
  const decisive = settled ?? rejections.at(-1)
  return {
    state: decisive?.kind ?? 'open',
    event_id: decisive?.id ?? null,
    candidate_id: decisive?.candidateId ?? null,
    words: model.erased ? null : (settled?.words ?? null),
    rejected: [...new Set(rejections.map(act => act.candidateId))].sort(),
    chosen: settled
      ? settled.candidateId
      : (live.findLast(act => act.kind === 'chosen')?.candidateId ?? null),
    flagged: live.some(act => act.kind === 'flagged'),
    ever_undone: model.everUndone,
    pending_count: 0,
  }
}

interface Real {
  project: BenchProject
  pool: pg.Pool
  exposure: PreparedExposure
  sessionId: string
  clientSeq: number
  sent: { event: Record<string, unknown> & { id: string }; answer: unknown }[]
  /** The state's hash by what is live: whenever the same acts stand again, it must be the same. */
  hashes: Map<string, string>
  send(method: string, path: string, body?: unknown): ReturnType<typeof sendHttp>
}

/** The whole decision but for what only ever grows: that something was undone once. */
const stateSql = `
  SELECT d.state, d.event_id, d.candidate_id, c.body->>'text' AS words, ARRAY(SELECT unnest(d.rejected_candidate_ids)::text ORDER BY 1) AS rejected,
    d.chosen_candidate_id AS chosen, d.flagged, d.ever_undone, d.pending_count,
    (to_jsonb(d) - 'ever_undone')::text AS whole
  FROM decisions d LEFT JOIN contents c ON c.project_id = d.project_id AND c.id = d.after_content_id
  WHERE d.project_id = $1 AND d.exposure_id = $2`

async function compare(model: Model, real: Real): Promise<void> {
  const { rows } = await real.pool.query(stateSql, [real.project.id, real.exposure.id])
  const { whole, ...found } = rows[0]
  const want = expected(model)
  if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(want)))
    throw new Error(`the decision is ${JSON.stringify(found)} and should be ${JSON.stringify(want)}`)
  const standing = model.acts
    .filter(act => !act.undone)
    .map(act => act.id)
    .join()
  const hash = createHash('sha256').update(whole).digest('hex')
  const before = real.hashes.get(standing)
  if (before !== undefined && before !== hash)
    throw new Error('the same acts stand as before, and the state is another one')
  real.hashes.set(standing, hash)
}

const sorted = (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Sends one event and holds the answer against `status`; "refused" is what follows an erasure. */
async function put(real: Real, type: string, more: Record<string, unknown>, status: string): Promise<string> {
  const event = {
    id: uuidv7(),
    exposureId: real.exposure.id,
    sessionId: real.sessionId,
    clientSeq: real.clientSeq++,
    type,
    ...more,
  }
  const { id, ...body } = event
  const answer = await real.send('PUT', `/feedback/${id}`, body)
  if (status === 'refused' && answer.status === 404) return id
  if (answer.status !== 200 || answer.body.status !== status)
    throw new Error(
      `${type} was answered ${answer.status} ${JSON.stringify(answer.body)} and should be "${status}"`,
    )
  real.sent.push({ event, answer: answer.body })
  return id
}

class DoAct implements fc.AsyncCommand<Model, Real> {
  constructor(
    readonly kind: Kind,
    readonly candidate: number,
    readonly words: string,
  ) {}
  check = () => true
  async run(model: Model, real: Real) {
    const candidateId = ['chosen', 'accepted', 'corrected', 'rejected'].includes(this.kind)
      ? (real.exposure.candidateIds[this.candidate] ?? null)
      : null
    const words = carriesWords.includes(this.kind) ? this.words : null
    const id = await put(
      real,
      this.kind,
      { ...(candidateId ? { candidateId } : {}), ...(words === null ? {} : { after: { text: words } }) },
      model.erased ? 'refused' : 'stored',
    )
    if (!model.erased) model.acts.push({ id, kind: this.kind, candidateId, words, undone: false })
    await compare(model, real)
  }
  toString = () => `${this.kind}(${this.candidate}, ${JSON.stringify(this.words)})`
}

class Undo implements fc.AsyncCommand<Model, Real> {
  constructor(readonly pick: number) {}
  check = (model: Model) => model.acts.length > 0
  async run(model: Model, real: Real) {
    const act = model.acts[this.pick % model.acts.length] as Act
    const id = await put(real, 'undone', { targetEventId: act.id }, act.undone ? 'no_op' : 'stored')
    model.undos.push({ id, of: act, inForce: !act.undone })
    act.undone = true
    model.everUndone = true
    await compare(model, real)
  }
  toString = () => `undo(${this.pick})`
}

class Redo implements fc.AsyncCommand<Model, Real> {
  constructor(readonly pick: number) {}
  check = (model: Model) => model.undos.length > 0
  async run(model: Model, real: Real) {
    const undo = model.undos[this.pick % model.undos.length] as Model['undos'][number]
    const status = model.erased ? 'refused' : undo.inForce ? 'stored' : 'no_op'
    await put(real, 'redone', { targetEventId: undo.id }, status)
    if (!model.erased) {
      if (undo.inForce) undo.of.undone = false
      undo.inForce = false
    }
    await compare(model, real)
  }
  toString = () => `redo(${this.pick})`
}

class SendAgain implements fc.AsyncCommand<Model, Real> {
  constructor(readonly pick: number) {}
  check = () => true
  async run(model: Model, real: Real) {
    const one = real.sent[this.pick % real.sent.length]
    if (!one) return
    const { id, ...body } = one.event
    const answer = await real.send('PUT', `/feedback/${id}`, body)
    if (JSON.stringify(answer.body) !== JSON.stringify(one.answer))
      throw new Error(`sent again, ${id} was answered ${JSON.stringify(answer.body)}`)
    await compare(model, real)
  }
  toString = () => `again(${this.pick})`
}

class Erase implements fc.AsyncCommand<Model, Real> {
  check = (model: Model) => !model.erased && model.acts.length > 4
  async run(model: Model, real: Real) {
    const answer = await real.send('POST', `/items/${real.exposure.itemId}/erase`)
    if (answer.status !== 200)
      throw new Error(`the erasure was answered ${answer.status} ${JSON.stringify(answer.body)}`)
    model.erased = true
    const { rows } = await real.pool.query(
      'SELECT 1 FROM contents WHERE project_id = $1 AND item_id = $2 AND (body IS NOT NULL OR salt IS NOT NULL)',
      [real.project.id, real.exposure.itemId],
    )
    if (rows.length > 0) throw new Error(`${rows.length} contents are left after the erasure`)
    await compare(model, real)
  }
  toString = () => 'erase'
}

const commands = fc.commands(
  [
    fc
      .tuple(
        fc.constantFrom(...kinds),
        fc.nat(2),
        fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
      )
      .map(([kind, candidate, words]) => new DoAct(kind, candidate, words)),
    fc.nat(30).map(pick => new Undo(pick)),
    fc.nat(30).map(pick => new Undo(30 - pick)),
    fc.nat(30).map(pick => new Redo(pick)),
    fc.nat(30).map(pick => new SendAgain(pick)),
    fc.constant(new Erase()),
  ],
  { maxCommands: 24, size: 'max' },
)

export const modelRun: Fault = {
  name: 'F7',
  breaks: 'any sequence of choose, accept, correct, write, dismiss, reject, undo, redo, send again and erase',
  holds:
    "the state is a plain model's; undo gives back the prior state's hash; replaying the log gives the same tables",
  times: 200,
  async run(options) {
    const { times, workplace } = options
    // A failing run is tried again in shorter forms, each on an exposure of its own.
    const scene = await setScene('f7', options, { exposures: times + 400 })
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    let steps = 0
    try {
      const outcome = await fc.check(
        fc.asyncProperty(commands, async list => {
          const exposure = scene.nextExposure()
          const real: Real = {
            project: scene.project,
            pool: workplace.pool,
            exposure,
            sessionId: randomUUID(),
            clientSeq: 0,
            sent: [],
            hashes: new Map(),
            send: (method, path, body) => {
              steps++
              return sendHttp(agent, scene.app.url, scene.project, {
                method,
                path,
                ...(body === undefined ? {} : { body }),
              })
            },
          }
          await put(real, 'shown', {}, 'stored')
          await fc.asyncModelRun(
            () => ({ model: { acts: [], undos: [], erased: false, everUndone: false }, real }),
            list,
          )
        }),
        { numRuns: times, interruptAfterTimeLimit: 240_000, endOnFailure: false },
      )
      await pointAtDatabase(workplace.url)
      const { compared, different } = await replayDecisions(scene.project.id)
      const problems: string[] = []
      for (const id of different.slice(0, 5))
        problems.push(
          `${await describeExposure(workplace.pool, scene.project.id, id)}: not what its log folds to`,
        )
      if (outcome.failed)
        problems.unshift(
          `after ${outcome.counterexample}: ${(outcome.errorInstance as Error | null)?.message} (seed ${outcome.seed}, path ${outcome.counterexamplePath})`,
        )
      return {
        target: 'F7',
        ok: problems.length === 0,
        figures: { runs: outcome.numRuns, requests: steps, folded: compared, seed: outcome.seed },
        problems,
      }
    } finally {
      agent.destroy()
      await scene.app.stop()
    }
  },
}
