import 'server-only'
import { type Transaction, withTransaction } from '@/db/client'
import { models, modelVersions } from '@/db/schema/models'
import { projects } from '@/db/schema/people'
import { AmendError } from '@/domain/errors'
import { firstGateName, firstGateRules } from '@/domain/gates'
import { isTimeZone } from '@/domain/project-settings'
import { checkSlug } from '@/domain/project-slug'
import type { Model } from '@/models/model'
import { loadModel, modelKinds } from '@/models/registry'
import { loadTaskType, taskFacts, taskTypeIds } from '@/tasks/registry'
import { storeGate } from './change-gate'
import { insertFirstQueues } from './make-queue'
import { recordAction } from './record-action'

export interface NewProject {
  slug: string
  name: string
  taskType: string
  timeZone?: string | undefined
  demo?: boolean
  /** Who makes it and owns it; else those who administer the instance do. */
  ownerUserId?: string
}

export interface MadeProject {
  projectId: string
  /** The built-in model's version that is live, or null where the task has no built-in model. */
  liveVersionId: string | null
}

/**
 * Makes a project with its task's built-in model live, and its owners: those who administer the instance.
 *
 * @throws AmendError invalid_input, conflict (the slug is taken)
 */
export async function createProject(wish: NewProject): Promise<MadeProject> {
  const model = await builtInModel(wish.taskType)
  return withTransaction(tx => insertProject(tx, wish, model))
}

/** The built-in model of a task type, or null. @throws AmendError invalid_input for an unknown type */
async function builtInModel(taskType: string): Promise<Model | null> {
  if (!taskFacts(taskType)) {
    throw new AmendError(
      'invalid_input',
      `There is no task type "${taskType}". There is: ${taskTypeIds.join(', ')}.`,
      { field: 'taskType' },
    )
  }
  for (const kind of modelKinds) {
    const model = await loadModel(kind)
    if (model?.taskType === taskType) return model
  }
  return null
}

async function insertProject(tx: Transaction, wish: NewProject, model: Model | null): Promise<MadeProject> {
  checkSlug(wish.slug)
  const timeZone = wish.timeZone ?? 'UTC'
  if (!isTimeZone(timeZone))
    throw new AmendError('invalid_input', `"${timeZone}" is no IANA time zone, as Europe/Lisbon is.`, {
      field: 'timeZone',
    })
  const [project] = await tx
    .insert(projects)
    .values({
      slug: wish.slug,
      name: wish.name.trim(),
      taskType: wish.taskType,
      timeZone,
      demo: wish.demo ?? false,
      settings: { ...taskFacts(wish.taskType)?.defaultSettings },
    })
    .onConflictDoNothing({ target: projects.slug })
    .returning({ id: projects.id })
  if (!project)
    throw new AmendError('conflict', `The slug "${wish.slug}" is taken. Choose another one.`, {
      field: 'slug',
    })
  await recordAction(
    tx,
    wish.ownerUserId
      ? { projectId: project.id, userId: wish.ownerUserId }
      : { projectId: project.id, system: true },
    {
      kind: 'project.made',
      targetType: 'project',
      targetId: project.id,
      after: { slug: wish.slug, taskType: wish.taskType },
    },
  )
  await tx.$client.query(
    `INSERT INTO memberships (project_id, user_id, role)
     SELECT $1, id, 'owner' FROM users
     WHERE CASE WHEN $2::uuid IS NULL THEN instance_admin AND NOT demo ELSE id = $2 END AND disabled_at IS NULL`,
    [project.id, wish.ownerUserId ?? null],
  )
  await insertFirstQueues(tx, project.id, wish.taskType)
  const metric = (await loadTaskType(wish.taskType)).metrics?.all[0]
  if (metric)
    await storeGate(tx, { projectId: project.id, system: true }, firstGateName, firstGateRules(metric))
  return {
    projectId: project.id,
    liveVersionId: model ? await insertLiveVersion(tx, project.id, model) : null,
  }
}

async function insertLiveVersion(tx: Transaction, projectId: string, model: Model): Promise<string> {
  const [row] = await tx
    .insert(models)
    .values({ projectId, name: model.card.name, kind: model.kind })
    .returning({ id: models.id })
  if (!row) throw new Error('the model was not stored')
  const [version] = await tx
    .insert(modelVersions)
    .values({
      projectId,
      modelId: row.id,
      version: model.snapshot,
      stage: 'live',
      parameters: model.parametersSchema.parse({}) as Record<string, unknown>,
      card: { ...model.card },
      codeReference: `built-in ${model.kind} ${model.snapshot}`,
      learning: 'none',
    })
    .returning({ id: modelVersions.id })
  if (!version) throw new Error('the model version was not stored')
  await recordAction(
    tx,
    { projectId, system: true },
    { kind: 'model.registered', targetType: 'model-version', targetId: version.id, after: { stage: 'live' } },
  )
  return version.id
}
