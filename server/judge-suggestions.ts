import 'server-only'
import { randomUUID } from 'node:crypto'
import type { OpenExposureBody } from '@/contract/v1/suggest'
import { getDb, statementName } from '@/db/client'
import {
  type GuardedPrediction,
  type GuardedTask,
  type GuardrailResult,
  runGuardrails,
} from '@/domain/guardrails'
import { normalText } from '@/domain/learning'
import { pausedOf, pausedWords } from '@/domain/pause'
import { parseProjectSettings } from '@/domain/project-settings'
import type { MemoryKind, Model } from '@/models/model'
import { loadModel, predictWith, recallWith } from '@/models/registry'
import { getConfig } from '@/platform/config'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import type { Actor } from './find-actor'
import type { ServingVersion } from './find-serving'
import {
  findItemVector,
  type HeldMemory,
  holdMemory,
  loadInputs,
  type Proposed,
  readProposed,
} from './memory'
import { type CameAlong, runsInPage } from './predicted-in-page'
import { readMedia } from './read-media'
import type { ItemToStore } from './store-item'
import { type NewPrediction, newPrediction, type StoredCandidate, toStored } from './store-prediction'

/** What is judged and, where it is shown, named by the exposure. */
interface Predicted {
  /** Null where the model gave nothing to store. */
  id: string | null
  candidates: StoredCandidate[]
  salt: Buffer | null
  /** How long asking for it took: of the model, or of finding what it said before. */
  latencyMs: number
  /** To be stored with the exposure, where it is new. */
  made: NewPrediction | null
}

/** What the memory added: candidates of its own before the model's, and what has to be stored with the exposure. */
export interface Remembered {
  held: HeldMemory
  proposed: Map<string, Proposed>
  /** The candidates in the order in which they were judged, where something was learned. */
  candidates: StoredCandidate[]
  /** How many may be shown. */
  places: number
  personal: boolean
  vectors: {
    kind: string
    input: Uint8Array | null
    computed: { id: string; kind: MemoryKind | undefined; vector: Uint8Array }[]
  } | null
}

export interface Judged {
  predicted: Predicted | null
  /** The model's own answer where another one, with what was learned, is shown in its place. */
  base: NewPrediction | null
  remembered: Remembered | null
  outcome: ReturnType<typeof runGuardrails<StoredCandidate>>
}

const openedAlone: Record<OpenExposureBody['reason'], string> = {
  unreachable: 'The server could not be reached, so there was no suggestion.',
  'too-late': 'The suggestion came too late.',
  'not-asked': 'No suggestion was asked for.',
}

/**
 * Asks a version and the memory about an item, and lets the guardrails say what may be shown of it. Stores
 * nothing.
 */
export async function judgeSuggestions(
  scope: ProjectScope,
  task: TaskType,
  item: ItemToStore,
  live: ServingVersion | null,
  actor: Actor,
  clientReason: OpenExposureBody['reason'] | null,
  cameAlong: CameAlong | null = null,
): Promise<Judged> {
  const guarded = task as unknown as GuardedTask
  const settings = parseProjectSettings(scope.project.settings).guardrails
  const without = (rule: string, reason: string): Judged => {
    const result: GuardrailResult = { verdict: 'suppress', rule, reason }
    const { policyVersion, thresholdVersion } = runGuardrails<StoredCandidate>(
      guarded,
      settings,
      item.payload,
      {
        status: 'none',
      },
    )
    return {
      predicted: null,
      base: null,
      remembered: null,
      outcome: { shown: false, candidates: [], results: [result], policyVersion, thresholdVersion },
    }
  }
  if (clientReason) return without(clientReason, openedAlone[clientReason])
  if (!actor.suggestionsOn)
    return without('opted-out', 'Suggestions are off. You can turn them on in My history.')
  if (pausedOf(scope.project.settings)) return without('paused', pausedWords)
  if (!live) return without('no-live-model', 'No model is live in this project. Write your own.')

  const begun = performance.now()
  const sinceBegun = () => Math.round((performance.now() - begun) * 10) / 10
  const model = await loadModel(live.kind)
  const [own, held] = await Promise.all([
    fromPage(scope, item, live, actor, cameAlong).then(found => found ?? askOrFind(scope, task, item, live)),
    model && holdMemory(scope, actor, live.id),
  ])
  const remembered =
    model && held && (await remember(scope, task, item, live, model, actor, held, own, sinceBegun))
  if (!remembered || remembered.proposed.size === 0) {
    return {
      predicted: own.predicted && { ...own.predicted, latencyMs: own.latencyMs ?? sinceBegun() },
      base: null,
      remembered,
      outcome: runGuardrails(guarded, settings, item.payload, own.answer),
    }
  }
  return {
    predicted: asPredicted(
      newPrediction(item.id, remembered.candidates, sinceBegun(), {
        actorId: remembered.personal ? actor.id : null,
        // Never null for what was learned: the model's own answer alone is found again for others.
        snapshot: held.snapshot ?? 'trained',
      }),
    ),
    base: own.predicted?.made ?? null,
    remembered,
    outcome: runGuardrails(guarded, settings, item.payload, {
      status: 'ok',
      candidates: remembered.candidates,
      ...(own.answer.status === 'ok' && own.answer.measured ? { measured: own.answer.measured } : {}),
    }),
  }
}

function asPredicted(made: NewPrediction): Predicted {
  const { id, candidates, content, latencyMs } = made
  return { id, candidates, salt: Buffer.from(content.salt, 'hex'), latencyMs: latencyMs ?? 0, made }
}

/** What the model says by itself, asked now or found from earlier; the same for everybody. */
interface OwnAnswer {
  predicted: Predicted | null
  answer: GuardedPrediction<StoredCandidate>
  /** Of asking the model; null where it was found. */
  latencyMs: number | null
  inputVector: Uint8Array | null
  leftToPerson: boolean
}

/** What somebody's page says is kept for them alone: nobody else is shown it, and no evaluation counts it. */
const ofPage = (actor: Actor) => ({ actorId: actor.id, snapshot: 'in-page' })

/** What the version proposed in the page, where it is the one that answers; null where it has to be asked here. */
async function fromPage(
  scope: ProjectScope,
  item: ItemToStore,
  live: ServingVersion,
  actor: Actor,
  cameAlong: CameAlong | null,
): Promise<OwnAnswer | null> {
  if (cameAlong?.versionId !== live.id || !(await runsInPage(live.kind))) return null
  const { candidates, latencyMs } = cameAlong
  const silent = candidates.length === 0
  return {
    predicted: silent
      ? { id: null, candidates: [], salt: null, latencyMs: latencyMs ?? 0, made: null }
      : asPredicted(newPrediction(item.id, candidates, latencyMs, ofPage(actor))),
    answer: silent
      ? { status: 'none' }
      : { status: 'ok', candidates, measured: await measuredOf(scope, live.id) },
    latencyMs,
    inputVector: null,
    leftToPerson: silent,
  }
}

/** What a page had shown before the server could judge it. It is told as it was; what the rules say of it is kept beside. */
export function judgeShown(
  scope: ProjectScope,
  task: TaskType,
  item: ItemToStore,
  actor: Actor,
  { candidates, latencyMs }: CameAlong,
): Judged {
  const judged = runGuardrails(
    task as unknown as GuardedTask,
    parseProjectSettings(scope.project.settings).guardrails,
    item.payload,
    { status: 'ok', candidates },
  )
  const before: GuardrailResult = {
    verdict: 'pass',
    rule: 'shown-in-page',
    reason: 'The model ran on this device and showed it while the server could not be reached.',
  }
  return {
    predicted: asPredicted(newPrediction(item.id, candidates, latencyMs, ofPage(actor))),
    base: null,
    remembered: null,
    outcome: { ...judged, shown: true, candidates, results: [...judged.results, before] },
  }
}

async function askOrFind(
  scope: ProjectScope,
  task: TaskType,
  item: ItemToStore,
  live: ServingVersion,
): Promise<OwnAnswer> {
  const stored = await findPrediction(scope, item.id, live.id)
  if (stored)
    return {
      predicted: { ...stored, latencyMs: 0 },
      answer: { status: 'ok', candidates: stored.candidates, measured: await measuredOf(scope, live.id) },
      latencyMs: null,
      inputVector: null,
      leftToPerson: false,
    }
  const media = task.mediaOf?.(item.payload)
  const answer = await predictWith(live, item.payload, {
    // Then the manual path goes on alone and the exposure says so.
    timeoutMs: getConfig().suggestTimeoutMs,
    media: media && (() => readMedia(scope.projectId, media)),
  })
  const { latencyMs } = answer
  if (answer.status !== 'ok')
    return {
      predicted: { id: null, candidates: [], salt: null, latencyMs, made: null },
      answer: { status: answer.status, detail: answer.detail },
      latencyMs,
      inputVector: answer.status === 'none' ? (answer.inputVector ?? null) : null,
      leftToPerson: answer.status === 'none' && answer.leftToPerson === true,
    }
  const candidates = toStored(answer.candidates)
  return {
    predicted: asPredicted(newPrediction(item.id, candidates, latencyMs)),
    // A trained version was not measured; the figures of the model that it was made from are not its own.
    answer: {
      status: 'ok',
      candidates,
      ...(live.parameters.trainedBy ? {} : { measured: answer.measured }),
    },
    latencyMs,
    inputVector: answer.inputVector ?? null,
    leftToPerson: false,
  }
}

/**
 * Asks the memory beside the model's own answer, within what is left of the time. What it proposes stands first. It is
 * made anew each time and kept for this exposure alone, so that nothing learned is served after it was taken back.
 */
async function remember(
  scope: ProjectScope,
  task: TaskType,
  item: ItemToStore,
  live: ServingVersion,
  model: Model,
  actor: Actor,
  held: HeldMemory,
  own: OwnAnswer,
  sinceBegun: () => number,
): Promise<Remembered> {
  const { vectorKind, places } = model
  const nothing: Remembered = {
    held,
    proposed: new Map(),
    candidates: [],
    places: places.all,
    personal: false,
    vectors: own.inputVector && { kind: vectorKind, input: own.inputVector, computed: [] },
  }
  const silent = own.leftToPerson || !['ok', 'none'].includes(own.answer.status)
  if (silent || held.entries.length === 0) return nothing
  const kinds = new Map(held.entries.map(entry => [entry.id, entry.kind]))
  const known =
    own.inputVector ?? (item.isNew ? null : await findItemVector(scope.projectId, item.id, vectorKind))
  const media = task.mediaOf?.(item.payload)
  const found = await recallWith(
    live,
    {
      text: task.inputText(item.payload),
      vector: known,
      media: media && (() => readMedia(scope.projectId, media)),
      memory: {
        entries: held.entries,
        load: ids =>
          loadInputs(
            scope,
            actor,
            { versionId: live.id, vectorKind, task },
            ids.flatMap(id => {
              const kind = kinds.get(id)
              return kind ? [{ id, kind }] : []
            }),
          ),
      },
    },
    getConfig().suggestTimeoutMs - sinceBegun(),
  )
  if (!found) return nothing
  const vectors = {
    kind: vectorKind,
    input: found.inputVector,
    computed: found.computed.map(c => ({ ...c, kind: kinds.get(c.id) })),
  }
  const all = await readProposed(scope, actor, live.id, held.entries, found.matches, task)
  const proposed = all.filter(p => task.valueSchema.safeParse(p.value).success).slice(0, places.learned)
  if (proposed.length === 0) return { ...nothing, vectors }
  const learned = proposed.map(from => ({ from, candidate: toCandidate(from) }))
  const texts = new Set(proposed.map(p => normalText(task.textOf(p.value))))
  const rest = (own.predicted?.candidates ?? []).filter(c => !texts.has(normalText(task.textOf(c.value))))
  return {
    held,
    proposed: new Map(learned.map(({ from, candidate }) => [candidate.id, from])),
    candidates: [...learned.map(l => l.candidate), ...rest],
    places: places.all,
    personal: proposed.some(p => p.kind === 'personal'),
    vectors,
  }
}

function toCandidate({ kind, value, confidence, similarity }: Proposed): StoredCandidate {
  return {
    id: randomUUID(),
    value,
    confidence,
    intent: null,
    evidence: [`${learnedWords[kind]} Likeness ${similarity.toFixed(2)} of 1.`],
  }
}

const learnedWords: Record<MemoryKind, string> = {
  personal: 'You wrote this for something like it.',
  shared: 'Shared with everybody in this project: a curator approved it, or three people wrote the same.',
  trained: 'This version was trained on it.',
}

async function measuredOf(scope: ProjectScope, versionId: string) {
  const { rows } = await getDb().$client.query(
    `SELECT card->'thresholds' AS thresholds FROM model_versions WHERE project_id = $1 AND id = $2`,
    [scope.projectId, versionId],
  )
  return Array.isArray(rows[0]?.thresholds) ? rows[0].thresholds : []
}

async function findPrediction(
  scope: ProjectScope,
  itemId: string,
  versionId: string,
): Promise<Omit<Predicted, 'latencyMs'> | null> {
  const { rows } = await getDb().$client.query({
    name: statementName('prediction'),
    text: `SELECT p.id, c.body, c.salt FROM predictions p JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
           WHERE p.project_id = $1 AND p.item_id = $2 AND p.model_version_id = $3 AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
           ORDER BY p.id DESC LIMIT 1`,
    values: [scope.projectId, itemId, versionId],
  })
  const row = rows[0]
  if (!row?.body) return null
  return { id: row.id, candidates: row.body, salt: row.salt, made: null }
}
