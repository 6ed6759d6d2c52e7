import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '@/api/app'
import { currentConsent } from '@/contract/v1/actor'
import { exportQuery } from '@/contract/v1/feedback'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { foldEvents } from '@/domain/decision'
import type { FoldEvent } from '@/domain/feedback-event'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import { hashSecret, type ProjectScope } from './access'
import { setConsent } from './consent'
import { exportFeedback } from './export-feedback'
import { recordFeedback } from './record-feedback'
import { setGold } from './set-gold'
import { suggest } from './suggest'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

// biome-ignore lint/suspicious/noExplicitAny: rows are checked field by field
type Row = any

const ask = async (project: TestProject, scope: ProjectScope, texts?: string[], message?: string) =>
  suggest(scope, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId: await makeItem(project, texts, message),
  })

async function rowsOf(scope: ProjectScope, wish: Record<string, unknown> = {}): Promise<Row[]> {
  const file = await exportFeedback(scope, exportQuery.parse(wish))
  const lines = (await text(file.stream)).split('\n')
  expect(lines.pop()).toBe('')
  return lines.map(line => JSON.parse(line))
}

/** What the log alone says about every exposure of a project, folded without the projection. */
async function foldLog(projectId: string) {
  const { rows: exposures } = await db.pool.query(
    `SELECT e.id, e.shown, e.simulated, e.candidates, pc.body, a.training_allowed FROM exposures e
     JOIN actors a ON a.project_id = e.project_id AND a.id = e.actor_id
     LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
     LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id WHERE e.project_id = $1`,
    [projectId],
  )
  return Promise.all(
    exposures.map(async exposure => {
      const { rows } = await db.pool.query(
        `SELECT f.*, c.body FROM feedback_events f LEFT JOIN contents c ON c.id = f.after_content_id WHERE f.exposure_id = $1`,
        [exposure.id],
      )
      const events = rows.map(
        (f): FoldEvent => ({
          id: f.id,
          type: f.type,
          sessionId: f.session_id,
          clientSeq: f.client_seq,
          seq: f.seq,
          targetEventId: f.target_event_id,
          candidateId: f.candidate_id,
          serverMicros: 0,
          sendAtMicros: null,
          afterContentId: f.after_content_id,
          afterHash: f.after_hash,
          reason: f.reason,
          rating: f.rating,
        }),
      )
      const { decision } = foldEvents(events, exposure.shown)
      const value = (id: string | null) => exposure.body?.find((c: Row) => c.id === id)?.value ?? null
      const written = rows.find(f => f.id === decision.eventId)?.body ?? null
      const before = value(decision.candidateId)
      const after = { accepted: before, corrected: written, written }[decision.state as string] ?? null
      const others = decision.rejectedCandidateIds.filter(id => id !== decision.candidateId)
      const lost = decision.state === 'corrected' ? [decision.candidateId, ...others] : others
      return {
        exposure_id: exposure.id,
        out:
          exposure.training_allowed &&
          ['accepted', 'corrected', 'written', 'rejected', 'dismissed'].includes(decision.state),
        state: decision.state,
        event_id: decision.eventId,
        before,
        after,
        pair: after !== null && lost.length > 0 ? { chosen: after, rejected: lost.map(value) } : null,
        rejected_candidates: decision.rejectedCandidateIds.map(value),
      }
    }),
  )
}

const act = fc.oneof(
  fc.record({ type: fc.constantFrom('chosen', 'accepted', 'rejected'), candidate: fc.nat(2) }),
  fc.record({
    type: fc.constant('corrected'),
    candidate: fc.nat(2),
    words: fc.string({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({ type: fc.constant('written'), words: fc.string({ minLength: 1, maxLength: 8 }) }),
  fc.record({ type: fc.constantFrom('dismissed', 'flagged', 'skipped') }),
  fc.record({ type: fc.constantFrom('undone', 'redone'), target: fc.nat(20) }),
)

describe('export-feedback', () => {
  it('holds exactly what an independent fold of the log says, for any acts of any people', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(act, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (people, optOut) => {
          const project = await makeTestProject()
          for (const [at, acts] of people.entries()) {
            const scope = await project.scope('contributor')
            if (optOut && at === 0) await setConsent(scope, { trainingAllowed: false })
            const answer = await ask(project, scope)
            const make = eventMaker(answer.exposureId)
            const sent = [make('shown')]
            for (const step of acts as Row[]) {
              const past = sent.filter(e =>
                step.type === 'redone' ? e.type === 'undone' : e.type !== 'shown',
              )
              if (step.target !== undefined && past.length === 0) continue
              sent.push(
                make(step.type, {
                  ...(step.candidate === undefined
                    ? {}
                    : { candidateId: answer.candidates[step.candidate]?.id }),
                  ...(step.words === undefined ? {} : { after: { text: step.words } }),
                  ...(step.target === undefined
                    ? {}
                    : { targetEventId: past[step.target % past.length]?.id }),
                }),
              )
            }
            const answers = await recordFeedback(scope, sent)
            expect(answers.filter(a => a.status === 'refused')).toEqual([])
          }
          const told = (await foldLog(project.id)).filter(e => e.out).map(({ out, ...row }) => row)
          const rows = (await rowsOf(await project.scope('curator'))).map((row: Row) => ({
            exposure_id: row.exposure_id,
            state: row.state,
            event_id: row.event_id,
            before: row.before,
            after: row.after,
            pair: row.pair,
            rejected_candidates: row.rejected_candidates,
          }))
          const byId = (a: Row, b: Row) => (a.exposure_id < b.exposure_id ? -1 : 1)
          expect(rows.sort(byId)).toEqual(told.sort(byId))
        },
      ),
      { numRuns: 25 },
    )
  }, 120_000)

  it('stamps every row and the answer, and carries what training and estimates need', async () => {
    const project = await makeTestProject()
    const scope = await project.scope('contributor')
    const answer = await ask(project, scope)
    const make = eventMaker(answer.exposureId)
    const [first, second] = answer.candidates
    await recordFeedback(scope, [
      make('shown'),
      make('rejected', { candidateId: second?.id }),
      make('corrected', { candidateId: first?.id, after: { text: 'Yes, ten is fine.' } }),
    ])
    const curator = await project.scope('curator')
    const file = await exportFeedback(curator, exportQuery.parse({ state: 'corrected', text: 'ten' }))
    expect(file.query).toBe('state=corrected&text=ten')
    expect(file.fileName).toMatch(
      new RegExp(`^${project.slug}-feedback-draft-\\d{4}-\\d\\d-\\d\\dT\\d{4}Z\\.jsonl$`),
    )
    const [row, ...others] = (await text(file.stream))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(others).toEqual([])
    expect(row).toMatchObject({
      kind: 'draft',
      taken_at: file.takenAt,
      query: 'state=corrected&text=ten',
      task_type: 'smart-reply',
      state: 'corrected',
      input: { subject: 'A thread' },
      before: first?.value,
      after: { text: 'Yes, ten is fine.' },
      suggestion: { candidate_id: first?.id, rank: 1 },
      confidence: first?.confidence,
      propensity: 1,
      rejected_candidates: [second?.value],
      arm: 'live',
      blind: false,
      mode: 'augment',
      role: 'contributor',
      consent_version: currentConsent,
      sample: false,
      simulated: false,
      model: 'Own model',
      model_version: '1',
    })
    expect(row.candidates_shown.map((c: Row) => [c.rank, c.value])).toEqual(
      answer.candidates.map(c => [c.rank, c.value]),
    )
    expect(row.pair.chosen).toEqual({ text: 'Yes, ten is fine.' })
    expect(new Set(row.pair.rejected.map((v: Row) => v.text))).toEqual(
      new Set([first, second].map(c => (c as Row).value.text)),
    )
    expect(row.taken_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  })

  it('keeps every byte of nasty words', async () => {
    const project = await makeTestProject()
    const scope = await project.scope('contributor')
    const nasty = [
      'back\\slash \\n \\\\ \\u0041 \\. "quotes" \'single\'',
      'line\nbreak\r\ntab\tvertical\u000b bell\u0007 \u0001\u0002\u001f del\u007f',
      'naïve 日本語 🙂 \u2028 \u2029 \ufeff e\u0301 \u202eright-to-left',
      '\\.',
      '=1+1',
      "'; DROP TABLE items; --",
    ]
    for (const words of nasty) {
      const answer = await ask(project, scope)
      const make = eventMaker(answer.exposureId)
      await recordFeedback(scope, [make('shown'), make('written', { after: { text: words } })])
    }
    const curator = await project.scope('curator')
    expect((await rowsOf(curator)).map((row: Row) => row.after.text).reverse()).toEqual(nasty)
    expect(await rowsOf(curator, { text: nasty[5] })).toHaveLength(1)
  })

  it('leaves out what must not leave: ignored, undone, opted out, erased, simulated, gold', async () => {
    const project = await makeTestProject()
    const curator = await project.scope('curator')
    const scope = await project.scope('contributor')
    const accept = async (who: ProjectScope) => {
      const answer = await ask(project, who)
      const make = eventMaker(answer.exposureId)
      const accepted = make('accepted', { candidateId: answer.candidates[0]?.id })
      await recordFeedback(who, [make('shown'), accepted])
      return { answer, make, accepted }
    }
    const kept = await accept(scope)
    const undone = await accept(scope)
    await recordFeedback(scope, [undone.make('undone', { targetEventId: undone.accepted.id })])
    const out = await project.scope('contributor')
    await accept(out)
    await setConsent(out, { trainingAllowed: false })
    const erased = await accept(scope)
    await db.pool.query(
      `UPDATE contents SET body = NULL, salt = NULL, erased_at = now() WHERE kind = 'item' AND item_id = $1`,
      [erased.answer.itemId],
    )
    const gold = await accept(scope)
    await setGold(curator, {
      itemId: gold.answer.itemId,
      use: 'measure',
      verdicts: gold.answer.candidates.map(({ id }) => ({
        candidateId: id,
        verdict: 'good' as const,
        reasons: [],
      })),
      explanation: '',
    })
    const simulated = await ask(project, scope)
    await db.pool.query('UPDATE decisions SET simulated = true WHERE exposure_id = $1', [
      simulated.exposureId,
    ])
    const make = eventMaker(simulated.exposureId)
    await recordFeedback(scope, [make('shown'), make('dismissed')])
    const untouched = await ask(project, scope)
    await recordFeedback(scope, [eventMaker(untouched.exposureId)('shown')])

    expect((await rowsOf(curator)).map((row: Row) => row.exposure_id)).toEqual([kept.answer.exposureId])
    const all = await rowsOf(curator, { simulated: 'include' })
    expect(all.map((row: Row) => [row.exposure_id, row.simulated])).toEqual([
      [simulated.exposureId, true],
      [kept.answer.exposureId, false],
    ])
    for (const state of ['ignored', 'undone', 'open', 'suppressed']) {
      await expect(exportFeedback(curator, exportQuery.parse({ state }))).rejects.toMatchObject({
        code: 'invalid_input',
        extras: { field: 'state' },
      })
    }
    // The withdrawn act comes back as soon as it is redone.
    const { rows } = await db.pool.query(
      "SELECT id FROM feedback_events WHERE type = 'undone' AND exposure_id = $1",
      [undone.answer.exposureId],
    )
    await recordFeedback(scope, [undone.make('redone', { targetEventId: rows[0].id })])
    expect(await rowsOf(curator)).toHaveLength(2)
  })

  it('is a file over HTTP: named, stamped, gzipped when asked, refused to whom it is not for', async () => {
    const project = await makeTestProject()
    const scope = await project.scope('contributor')
    const answer = await ask(project, scope)
    const make = eventMaker(answer.exposureId)
    await recordFeedback(scope, [make('shown'), make('dismissed')])
    const key = `amend_test_${randomUUID()}`
    await db.pool.query(
      "INSERT INTO api_keys (project_id, name, scope, prefix, secret_hash) VALUES ($1, 'k', 'read', 'amend', $2)",
      [project.id, hashSecret(key)],
    )
    const api = createApi()
    const get = (query: string, headers: Record<string, string> = {}, method = 'GET') =>
      api.request(`/api/v1/projects/${project.slug}/feedback/export${query}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...headers },
      })
    const plain = await get('?format=jsonl')
    expect(plain.status).toBe(200)
    expect(plain.headers.get('amend-draft')).toBe('true')
    expect(plain.headers.get('content-disposition')).toContain('-feedback-draft-')
    const body = await plain.text()
    expect(JSON.parse(body).state).toBe('dismissed')

    const zipped = await get('', { 'accept-encoding': 'br, gzip' })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    const unzipped = zipped.body?.pipeThrough(new DecompressionStream('gzip'))
    const same = JSON.parse(await new Response(unzipped).text())
    expect(same.exposure_id).toBe(answer.exposureId)

    expect((await get('?format=csv')).headers.get('content-type')).toContain('text/csv')
    expect((await get('', {}, 'HEAD')).status).toBe(200)
    const refused = await get('?from=yesterday')
    expect([refused.status, (await refused.json()).field]).toEqual([422, 'from'])
    const other = await makeTestProject()
    expect(
      (
        await api.request(`/api/v1/projects/${other.slug}/feedback/export`, {
          headers: { authorization: `Bearer ${key}` },
        })
      ).status,
    ).toBe(404)
  })

  it('stops the query and frees its place when the reader leaves', async () => {
    const project = await makeTestProject()
    const curator = await project.scope('curator')
    for (let i = 0; i < 6; i++) {
      const file = await exportFeedback(curator, exportQuery.parse({}))
      file.stream.destroy()
    }
    await expect
      .poll(
        async () =>
          (
            await db.pool.query(
              "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%' AND state <> 'idle'",
            )
          ).rows[0].n,
      )
      .toBe(0)
    expect(await rowsOf(curator)).toEqual([])
  })
})
