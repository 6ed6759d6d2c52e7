import { expect, it } from 'vitest'
import {
  type LoggedVersion,
  mlflowBatch,
  mlflowInputs,
  mlflowName,
  mlflowRunSchema,
  mlflowSettingsSchema,
  mlflowVersionSchema,
  readMlflowVersion,
} from './mlflow'

const sha256 = 'ab'.repeat(32)
const estimate = { id: 'exact-match', value: 0.5, low: 0.4, high: 0.6, n: 120 }
const logged: LoggedVersion = {
  project: 'demo',
  versionId: '0198c0de-0000-7000-8000-000000000001',
  model: 'Replies',
  version: '7',
  stage: 'candidate',
  codeReference: 'git:4c9a07f',
  parameters: { k: 5, 'learning rate!': 0.1, endpoint: { url: 'https://x.example' }, none: null },
  note: '# Replies 7',
  page: 'https://amend.example/p/demo/models/1',
  trained: { slug: 'replies', version: 3, rows: 900, sha256 },
  evaluation: {
    id: 'e',
    split: 'test',
    dataset: { slug: 'held-out', version: 2, rows: 120, sha256 },
    reportSha256: 'r',
    inputsHash: 'i',
    doneAtMs: 1_790_000_000_000,
    overall: [estimate, { id: 'mape', value: null, low: null, high: null, n: 0 }],
    slices: [{ slice: 'language', value: 'en/GB?', metrics: [{ ...estimate, value: 0.25 }] }],
    latencyMs: { p50: 4, p90: 9, p99: 20 },
  },
  gate: { slug: 'release', number: 2, outcome: 'fail', sentence: 'Fails one check.', waived: false },
}

it('logs a metric with its interval and rows, of slices too, at the time of the evaluation', () => {
  const { metrics } = mlflowBatch(logged)
  expect(Object.fromEntries(metrics.map(one => [one.key, one.value]))).toEqual({
    'exact-match': 0.5,
    'exact-match/low': 0.4,
    'exact-match/high': 0.6,
    'exact-match/n': 120,
    latency_p50_ms: 4,
    latency_p90_ms: 9,
    latency_p99_ms: 20,
    'slices/language/en/GB_/exact-match': 0.25,
    'slices/language/en/GB_/exact-match/low': 0.4,
    'slices/language/en/GB_/exact-match/high': 0.6,
    'slices/language/en/GB_/exact-match/n': 120,
  })
  expect(new Set(metrics.map(one => one.timestamp))).toEqual(new Set([1_790_000_000_000]))
})

it('logs parameters that are values, and says data, gate and card in tags', () => {
  const { params, tags } = mlflowBatch(logged)
  expect(params).toEqual([
    { key: 'k', value: '5' },
    { key: 'learning rate_', value: '0.1' },
  ])
  expect(Object.fromEntries(tags.map(one => [one.key, one.value]))).toMatchObject({
    'amend.version_id': logged.versionId,
    'amend.training_dataset': 'replies@3',
    'amend.training_dataset.sha256': sha256,
    'amend.evaluation_dataset': 'held-out@2',
    'amend.gate': 'release@2',
    'amend.gate.outcome': 'fail',
    'amend.gate.waived': 'false',
    'mlflow.note.content': '# Replies 7',
  })
})

it('names frozen versions as inputs, with a digest that MLflow takes', () => {
  const inputs = mlflowInputs(logged)
  expect(inputs.map(one => [one.tags[0]?.value, one.dataset.name, one.dataset.digest.length])).toEqual([
    ['training', 'demo/replies_3', 32],
    ['evaluation', 'demo/held-out_2', 32],
  ])
  expect(JSON.parse(inputs[0]?.dataset.source ?? '')).toEqual({
    url: 'https://amend.example/p/demo/datasets/replies?v=3',
  })
})

it.each([
  ['exact-match', 'exact-match'],
  ['recall@3', 'recall_3'],
  ['../../up', 'up'],
  ['a//b/', 'a/b'],
  ['a/../b', 'a/b'],
  ['', '_'],
])('writes %j as %j, which leads nowhere else', (given, written) => {
  expect(mlflowName(given)).toBe(written)
})

it('reads a registered version: parameters, place, data by hash; metrics as notes, nobody’s name', () => {
  const found = readMlflowVersion(
    'https://mlflow.example',
    mlflowVersionSchema.parse({
      name: 'replies',
      version: '3',
      description: 'Answers short questions.',
      source: 'models:/m-1',
      run_id: 'r1',
      tags: [{ key: 'licence', value: 'MIT' }],
    }),
    mlflowRunSchema.parse({
      info: { run_id: 'r1', experiment_id: '1', artifact_uri: 'mlflow-artifacts:/1/r1/artifacts' },
      data: {
        metrics: [
          { key: 'rmse', value: 0.42 },
          { key: 'odd', value: 'NaN' },
        ],
        params: [{ key: 'alpha', value: '0.1' }],
        tags: [
          { key: 'mlflow.user', value: 'sam' },
          { key: 'mlflow.source.git.commit', value: '4c9a07f' },
          { key: 'amend.training_dataset.sha256', value: sha256 },
        ],
      },
      inputs: { dataset_inputs: [{ dataset: { name: 'train', digest: 'abc' } }] },
    }),
    'mlflow-artifacts:/1/models/m-1/artifacts',
  )
  expect(found).toMatchObject({
    codeReference: 'mlflow-artifacts:/1/models/m-1/artifacts',
    parameters: { alpha: '0.1' },
    trainingSha256: sha256,
    card: { summary: 'Answers short questions.', licence: 'MIT' },
    origin: { model: 'replies', version: '3', runId: 'r1', commit: '4c9a07f', metrics: { rmse: 0.42 } },
  })
  expect(found.card.notes).toEqual([
    'replies 3 of the MLflow server https://mlflow.example, run r1.',
    'rmse: 0.42, as MLflow has it; rows and interval are not known.',
    'Input in MLflow: train, digest abc.',
  ])
  expect(JSON.stringify(found)).not.toContain('sam')
})

it('takes addresses without a user, a query or a slash at their end', () => {
  const url = (value: string) => mlflowSettingsSchema.safeParse({ url: value })
  expect(url('https://mlflow.example/base/')).toMatchObject({
    data: { url: 'https://mlflow.example/base', experiment: 'Amend' },
  })
  for (const odd of ['ftp://x.example', 'https://u:p@x.example', 'https://x.example?a=1', 'x'])
    expect(url(odd).success, odd).toBe(false)
  expect(
    mlflowSettingsSchema.safeParse({ url: 'https://x.example', tokenVariable: 'AMEND_SECRET' }).success,
  ).toBe(false)
})
