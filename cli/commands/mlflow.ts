import { getDb } from '@/db/client'
import { isAmendError } from '@/domain/errors'
import { mlflowVersionPattern } from '@/domain/mlflow'
import { Failure } from '@/platform/failure'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { importMlflowVersion } from '@/server/import-mlflow-version'
import { logToMlflow } from '@/server/log-to-mlflow'
import { type Command, parseWords, withOpenDatabase } from '../command'

interface Wish {
  project: string
  model: string
  name: string | undefined
  evaluation: string | undefined
}

export const command: Command = {
  summary: 'Imports a version from the project’s MLflow server, or logs a version to it.',
  usage:
    'mlflow import --project demo --model NAME@3 [--name NAME-HERE] | mlflow log --project demo --model NAME@VERSION [--evaluation ID]',
  async run(args) {
    const { values, positionals } = parseWords(this.usage, {
      args,
      allowPositionals: true,
      options: {
        project: { type: 'string' },
        model: { type: 'string' },
        name: { type: 'string' },
        evaluation: { type: 'string' },
      },
    })
    const { project, model, name, evaluation } = values
    const work = { import: bring, log }[positionals[0] ?? '']
    if (!work || positionals.length !== 1 || !project || !model)
      throw new Failure(`Use: npm run amend -- ${this.usage}`, 2)
    return withOpenDatabase(() => work({ project, model, name, evaluation }))
  },
}

async function bring({ project, model, name }: Wish): Promise<number> {
  // An alias brings its own @, as NAME@@champion or NAME@champion.
  const [at, registered, wanted] = apart(model)
  const version = /^\d+$|^@/.test(wanted) ? wanted : `@${wanted}`
  if (at < 1 || !mlflowVersionPattern.test(version))
    throw new Failure(
      '--model: give the name in MLflow and its version, as replies@3 or replies@champion.',
      2,
    )
  const made = await asInput(async () =>
    importMlflowVersion(await openAsSystem(project), {
      model: registered,
      version,
      ...(name ? { name } : {}),
    }),
  )
  process.stdout.write(
    `${made.model}@${made.version} ${made.made ? 'is registered as a candidate' : `was imported before and is ${made.stage}`}${
      made.trainedOn ? `, trained on ${made.trainedOn.slug}@${made.trainedOn.version}` : ''
    }\n`,
  )
  return 0
}

async function log({ project, model, evaluation }: Wish): Promise<number> {
  const [at, name, version] = apart(model)
  if (at < 1) throw new Failure('--model: give a model and its version here, as NAME@VERSION.', 2)
  const logged = await asInput(async () => {
    const scope = await openAsSystem(project)
    return logToMlflow(
      scope,
      await versionNamed(scope, name, version),
      evaluation ? { evaluationId: evaluation } : {},
    )
  })
  process.stdout.write(`${logged.page}\n`)
  return 0
}

function apart(model: string): [at: number, name: string, version: string] {
  const at = model.includes('@@') ? model.indexOf('@@') : model.lastIndexOf('@')
  return [at, model.slice(0, at), model.slice(at + 1)]
}

async function versionNamed(scope: ProjectScope, name: string, version: string): Promise<string> {
  const { rows } = await getDb().$client.query<{ id: string }>(
    `SELECT v.id FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND m.name = $2 AND v.version = $3`,
    [scope.projectId, name, version],
  )
  if (!rows[0]) throw new Failure(`There is no version ${version} of a model “${name}” in this project.`, 2)
  return rows[0].id
}

/** What the words name is not there or does not fit: exit code 2. What MLflow does not answer: 1. */
async function asInput<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isAmendError(error) && ['not_found', 'invalid_input', 'conflict'].includes(error.code))
      throw new Failure(error.detail, 2)
    throw error
  }
}
