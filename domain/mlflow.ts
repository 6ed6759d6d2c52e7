import { z } from 'zod'

/** A version of a registered model in MLflow: its number, or an alias as `@champion`. */
export const mlflowVersionPattern = /^(\d{1,9}|@[\w-]{1,255})$/

/** The MLflow server of a project. Holds no secret: its token stands in the environment, under the name that is given here. */
export const mlflowSettingsSchema = z
  .object({
    /** What stands before `/api/2.0/mlflow`. */
    url: z
      .url({ protocol: /^https?$/, error: 'must be an address, as https://mlflow.example' })
      .max(500)
      .refine(url => !/[?#@]/.test(url), 'may hold no user, query or fragment')
      .transform(url => url.replace(/\/+$/, '')),
    /** The environment variable of the server with the bearer token, or with `user:password`. */
    tokenVariable: z
      .string()
      .regex(/^AMEND_MLFLOW_TOKEN(_[A-Z0-9_]{1,60})?$/, 'must look like AMEND_MLFLOW_TOKEN_NAME')
      .optional(),
    /** Where runs are logged. */
    experiment: z.string().trim().min(1).max(200).default('Amend'),
  })
  .strict()
export type MlflowSettings = z.output<typeof mlflowSettingsSchema>

const keyValue = z.object({ key: z.string(), value: z.string().default('') })
const tags = z.array(keyValue).default([])

/** A registered version as `model-versions/get` answers. Fields that are not read are not named. */
export const mlflowVersionSchema = z.object({
  name: z.string(),
  version: z.coerce.string(),
  description: z.string().default(''),
  source: z.string().default(''),
  run_id: z.string().default(''),
  tags,
})
export type MlflowVersion = z.output<typeof mlflowVersionSchema>

/** A run as `runs/get` answers. MLflow writes what is no number as a word, as "NaN". */
export const mlflowRunSchema = z.object({
  info: z.object({
    run_id: z.string(),
    run_name: z.string().default(''),
    experiment_id: z.string(),
    artifact_uri: z.string().default(''),
  }),
  data: z
    .object({
      metrics: z
        .array(z.object({ key: z.string(), value: z.union([z.number(), z.string()]).default(0) }))
        .default([]),
      params: tags,
      tags,
    })
    .prefault({}),
  inputs: z
    .object({
      dataset_inputs: z
        .array(z.object({ dataset: z.object({ name: z.string(), digest: z.string().default('') }) }))
        .default([]),
    })
    .prefault({}),
})
export type MlflowRun = z.output<typeof mlflowRunSchema>

/** The tag by which a run says which frozen version it learned from: SHA-256 of its canonical JSONL. */
export const trainingHashTag = 'amend.training_dataset.sha256'
/** The tag by which a run is known again as that of one version here. */
export const versionTag = 'amend.version_id'
/** Where a run's artifacts hold the card that Amend gave it. */
export const cardFile = 'amend/card.json'

const most = { parameters: 100, metrics: 200, tags: 50, text: 500 }
const cut = (text: string, length = most.text) =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`

const taggedAs = (all: readonly { key: string; value: string }[], key: string): string | null =>
  all.find(one => one.key === key)?.value.trim() || null

/** What an import keeps of where a version came from; part of its parameters. */
export interface MlflowOrigin {
  server: string
  model: string
  version: string
  runId: string | null
  experimentId: string | null
  commit: string | null
  metrics: Record<string, number>
  tags: Record<string, string>
}

export interface ImportedVersion {
  card: { summary: string; notes: string[]; licence?: string }
  codeReference: string | null
  parameters: Record<string, string>
  origin: MlflowOrigin
  /** Of the frozen version that it says it learned from; null where it does not say. */
  trainingSha256: string | null
}

/**
 * What the registry keeps of a version that MLflow holds. MLflow's own tags (`mlflow.…`) name people and machines and are left
 * out, but for the commit. Metrics come without rows and interval, so they are no measured quality: notes say them as they are.
 */
export function readMlflowVersion(
  server: string,
  version: MlflowVersion,
  run: MlflowRun | null,
  artifactUri: string | null,
): ImportedVersion {
  const all = [...version.tags, ...(run?.data.tags ?? [])]
  const metrics = (run?.data.metrics ?? []).flatMap(({ key, value }) =>
    typeof value === 'number' && Number.isFinite(value) ? [[cut(key, 100), value] as const] : [],
  )
  const params = run?.data.params ?? []
  const own = all.filter(({ key }) => !key.startsWith('mlflow.'))
  const licence = taggedAs(all, 'licence') ?? taggedAs(all, 'license')
  const notes = [
    `${version.name} ${version.version} of the MLflow server ${server}${run ? `, run ${run.info.run_id}` : ''}.`,
    ...metrics
      .slice(0, 30)
      .map(([key, value]) => `${key}: ${value}, as MLflow has it; rows and interval are not known.`),
    ...(run?.inputs.dataset_inputs ?? [])
      .slice(0, 10)
      .map(({ dataset }) => `Input in MLflow: ${dataset.name}, digest ${dataset.digest || 'not said'}.`),
    ...(params.length > most.parameters || metrics.length > most.metrics || own.length > most.tags
      ? [
          `MLflow holds more: ${most.parameters} parameters, ${most.metrics} metrics and ${most.tags} tags are kept.`,
        ]
      : []),
  ]
  const source = artifactUri || version.source
  return {
    card: {
      summary: cut(
        version.description.trim() ||
          `Registered in MLflow as ${version.name} ${version.version}, without a description.`,
        1000,
      ),
      notes: notes.map(note => cut(note)),
      ...(licence ? { licence: cut(licence) } : {}),
    },
    codeReference: source ? cut(source) : null,
    parameters: Object.fromEntries(
      params.slice(0, most.parameters).map(({ key, value }) => [cut(key, 100), cut(value)]),
    ),
    origin: {
      server,
      model: version.name,
      version: version.version,
      runId: run?.info.run_id ?? null,
      experimentId: run?.info.experiment_id ?? null,
      commit: taggedAs(all, 'mlflow.source.git.commit'),
      metrics: Object.fromEntries(metrics.slice(0, most.metrics)),
      tags: Object.fromEntries(own.slice(0, most.tags).map(({ key, value }) => [cut(key, 100), cut(value)])),
    },
    trainingSha256: taggedAs(all, trainingHashTag),
  }
}

interface Estimate {
  id: string
  value: number | null
  low: number | null
  high: number | null
  n: number
}
interface DatasetFacts {
  slug: string
  version: number
  rows: number
  sha256: string | null
}

/** What is said of a version here, as far as it is known. */
export interface LoggedVersion {
  project: string
  versionId: string
  model: string
  version: string
  stage: string
  codeReference: string | null
  parameters: Record<string, unknown>
  /** The card as Markdown. */
  note: string
  page: string
  trained: DatasetFacts | null
  evaluation: {
    id: string
    split: string
    dataset: DatasetFacts
    reportSha256: string | null
    inputsHash: string
    doneAtMs: number
    overall: readonly Estimate[]
    slices: readonly { slice: string; value: string | null; metrics: readonly Estimate[] }[]
    latencyMs: { p50: number | null; p90: number | null; p99: number } | null
  } | null
  gate: { slug: string; number: number; outcome: string; sentence: string; waived: boolean } | null
}

type Pair = { key: string; value: string }
export interface MlflowBatch {
  metrics: { key: string; value: number; timestamp: number; step: 0 }[]
  params: Pair[]
  tags: Pair[]
}
/** The largest value of a tag that every store of MLflow takes, in characters. */
const mostTag = 4900
/** Metrics, parameters and tags of one call of `runs/log-batch`. */
const mostMetrics = 700

/** MLflow’s names: letters, digits, `_ - . /` and spaces, no path that leads elsewhere. */
export const mlflowName = (text: string) =>
  cut(
    text
      .replace(/[^\w.\-/ ]+/g, '_')
      .split('/')
      .filter(part => !/^\.*$/.test(part))
      .join('/') || '_',
    250,
  ).replace('…', '_')

/**
 * A version, what it was measured at and what its gate said, as `runs/log-batch` takes it. A metric is four: its value under its
 * own name, `/low` and `/high` of the 95 % interval, `/n` rows; of a slice under `slices/<attribute>/<value>/`. The time of each is
 * that of the evaluation, so logging twice stores once.
 */
export function mlflowBatch(logged: LoggedVersion): MlflowBatch {
  const { evaluation, trained, gate } = logged
  const timestamp = evaluation?.doneAtMs ?? 0
  const metric = (key: string, value: number | null) =>
    value === null || !Number.isFinite(value)
      ? []
      : [{ key: mlflowName(key), value, timestamp, step: 0 as const }]
  const estimates = (prefix: string, all: readonly Estimate[]) =>
    all.flatMap(one => [
      ...metric(`${prefix}${one.id}`, one.value),
      ...metric(`${prefix}${one.id}/low`, one.low),
      ...metric(`${prefix}${one.id}/high`, one.high),
      ...(one.value === null ? [] : metric(`${prefix}${one.id}/n`, one.n)),
    ])
  const latency = evaluation?.latencyMs
  const metrics = evaluation
    ? [
        ...estimates('', evaluation.overall),
        ...(latency
          ? [
              ...metric('latency_p50_ms', latency.p50),
              ...metric('latency_p90_ms', latency.p90),
              ...metric('latency_p99_ms', latency.p99),
            ]
          : []),
        ...evaluation.slices.flatMap(slice =>
          estimates(`slices/${slice.slice}/${slice.value ?? 'none'}/`, slice.metrics),
        ),
      ]
    : []
  const dataset = (prefix: string, facts: DatasetFacts) => ({
    [prefix]: `${facts.slug}@${facts.version}`,
    [`${prefix}.sha256`]: facts.sha256,
    [`${prefix}.rows`]: String(facts.rows),
  })
  const tags: Record<string, string | null> = {
    [versionTag]: logged.versionId,
    'amend.project': logged.project,
    'amend.model': logged.model,
    'amend.version': logged.version,
    'amend.stage': logged.stage,
    'amend.code': logged.codeReference,
    ...(trained ? dataset('amend.training_dataset', trained) : {}),
    ...(evaluation
      ? {
          ...dataset('amend.evaluation_dataset', evaluation.dataset),
          'amend.evaluation': evaluation.id,
          'amend.evaluation.split': evaluation.split,
          'amend.evaluation.report_sha256': evaluation.reportSha256,
          'amend.evaluation.inputs_hash': evaluation.inputsHash,
        }
      : {}),
    ...(gate
      ? {
          'amend.gate': `${gate.slug}@${gate.number}`,
          'amend.gate.outcome': gate.outcome,
          'amend.gate.waived': String(gate.waived),
          'amend.gate.sentence': gate.sentence,
        }
      : {}),
    'mlflow.note.content': logged.note,
    'mlflow.source.name': logged.page,
  }
  const params = Object.entries(logged.parameters)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .slice(0, most.parameters)
    .map(([key, value]) => ({ key: mlflowName(key), value: cut(String(value)) }))
  return {
    metrics: firstOf(metrics, one => one.key).slice(0, mostMetrics),
    params: firstOf(params, one => one.key),
    tags: Object.entries(tags).flatMap(([key, value]) =>
      value === null || value === '' ? [] : [{ key, value: cut(value, mostTag) }],
    ),
  }
}

/** Names that became equal: MLflow takes each once. */
function firstOf<T>(all: readonly T[], keyOf: (one: T) => string): T[] {
  return [...new Map([...all].reverse().map(one => [keyOf(one), one])).values()].reverse()
}

/** Frozen versions as inputs of a run. MLflow's digests hold 36 characters: the first 32 of the hash; the whole stands in the tags. */
export function mlflowInputs(logged: LoggedVersion) {
  const input = (context: string, { slug, version, rows, sha256 }: DatasetFacts) => ({
    tags: [{ key: 'mlflow.data.context', value: context }],
    dataset: {
      name: mlflowName(`${logged.project}/${slug}@${version}`),
      digest: sha256?.slice(0, 32) ?? String(version),
      source_type: 'http',
      source: JSON.stringify({
        url: new URL(`/p/${logged.project}/datasets/${slug}?v=${version}`, logged.page).href,
      }),
      profile: JSON.stringify({ num_rows: rows, sha256 }),
    },
  })
  return [
    ...(logged.trained ? [input('training', logged.trained)] : []),
    ...(logged.evaluation ? [input('evaluation', logged.evaluation.dataset)] : []),
  ]
}
